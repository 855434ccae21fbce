// SPDX-License-Identifier: GPL-2.0-only
//
// usage: kill-at count|N COMMAND...
//
// Runs a command and kills it as it makes its N-th system call of those that change something outside of the process, before
// that one takes effect. So "killed at any step" can be tried step by step, on a machine of any speed. `count` kills nothing
// and prints how many there are. The exit status is 0 when it was killed, 3 when it ended earlier, 1 on an error.

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static const unsigned long changing[] = {
    SYS_ioctl, SYS_write, SYS_writev, SYS_sendto, SYS_sendmsg, SYS_rename, SYS_unlink, SYS_mkdir, SYS_openat, SYS_close,
};

static bool changes(pid_t pid)
{
    struct user_regs_struct regs;

    if (ptrace(PTRACE_GETREGS, pid, NULL, &regs) < 0)
        return false;
    for (size_t i = 0; i < sizeof(changing) / sizeof(changing[0]); i++)
        if (regs.orig_rax == changing[i])
            return true;
    return false;
}

static void start(char **command)
{
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    execvp(command[0], command);
    perror(command[0]);
    _exit(127);
}

// Up to the next stop. Returns the signal to pass on, -1 at a system call, -2 when it has ended.
static int next_stop(pid_t pid, int pass_on)
{
    int status;

    if (ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(long)pass_on) < 0 || waitpid(pid, &status, 0) < 0)
        return -2;
    if (!WIFSTOPPED(status))
        return -2;
    return WSTOPSIG(status) == (SIGTRAP | 0x80) ? -1 : WSTOPSIG(status);
}

// Returns how many of the calls were seen; *killed tells whether it ended there.
static unsigned long trace(pid_t pid, unsigned long last, bool *killed)
{
    unsigned long seen = 0;
    bool entry = false;
    int stop = 0;

    while ((stop = next_stop(pid, stop > 0 ? stop : 0)) != -2) {
        if (stop != -1)
            continue;
        entry = !entry;
        if (!entry || !changes(pid) || ++seen != last)
            continue;
        *killed = true;
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        break;
    }
    return seen;
}

int main(int argc, char **argv)
{
    bool count = argc > 1 && !strcmp(argv[1], "count"), killed = false;
    unsigned long seen;
    int status;
    pid_t pid;

    if (argc < 3) {
        fprintf(stderr, "usage: kill-at count|N COMMAND...\n");
        return 1;
    }
    pid = fork();
    if (!pid)
        start(argv + 2);
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status) ||
        ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)) < 0) {
        perror("kill-at");
        return 1;
    }
    seen = trace(pid, count ? 0 : strtoul(argv[1], NULL, 10), &killed);
    if (count)
        printf("%lu\n", seen);
    return count || killed ? 0 : 3;
}
