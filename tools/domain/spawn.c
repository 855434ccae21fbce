/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One child, with its standard error in a pipe. What it leaves running may hold the pipe open, so its own end is waited
 * for, and not the pipe's.
 */
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

int spawn_wait(char *const argv[], char *said, size_t size)
{
    posix_spawn_file_actions_t actions;
    int pipes[2], status = 0, error;
    ssize_t length;
    pid_t pid;

    said[0] = '\0';
    if (pipe2(pipes, O_CLOEXEC | O_NONBLOCK) < 0)
        return -errno;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, pipes[1], 2);
    posix_spawn_file_actions_addchdir_np(&actions, "/");
    error = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(pipes[1]);
    while (!error && waitpid(pid, &status, 0) < 0)
        error = errno == EINTR ? 0 : errno;
    length = read(pipes[0], said, size - 1);
    said[length < 0 ? 0 : length] = '\0';
    close(pipes[0]);
    if (error)
        return -error;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}
