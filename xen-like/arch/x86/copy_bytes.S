/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copying to and from guest memory, where any access may fault: size_t fn(to, from, n) returns how many bytes
 * are left. Most copies are a few words, for which a loop beats REP; a page and more goes by REP.
 */
#include <arch/entry_asm.h>

#define REP_FROM 256

    .text
/* Either side may be the guest's: the caller has checked its range. */
    .global guest_copy
guest_copy:
    USER_ACCESS_ON
    cmp $REP_FROM, %rdx
    jae 5f
    sub $8, %rdx
    jb 2f
1:  ON_FAULT word_refused
    mov (%rsi), %rax
    ON_FAULT word_refused
    mov %rax, (%rdi)
    add $8, %rsi
    add $8, %rdi
    sub $8, %rdx
    jae 1b
2:  add $8, %rdx
    jz 4f
3:  ON_FAULT byte_refused
    mov (%rsi), %al
    ON_FAULT byte_refused
    mov %al, (%rdi)
    inc %rsi
    inc %rdi
    dec %rdx
    jnz 3b
4:  USER_ACCESS_OFF
    xor %eax, %eax
    ret

5:  mov %rdx, %rcx
    shr $3, %rcx
    and $7, %edx
    ON_FAULT words_refused
    rep movsq
    mov %edx, %ecx
    ON_FAULT bytes_refused
    rep movsb
    jmp 4b

word_refused:                   /* the tail may still go, byte by byte up to the fault */
    add $8, %rdx
    jmp 3b
byte_refused:
    mov %rdx, %rax
    jmp 6f
words_refused:
    lea (%rdx, %rcx, 8), %rax
    jmp 6f
bytes_refused:
    mov %rcx, %rax
6:  USER_ACCESS_OFF
    ret

/* size_t guest_clear(to, n) */
    .global guest_clear
guest_clear:
    USER_ACCESS_ON
    mov %rsi, %rcx
    mov %esi, %edx
    shr $3, %rcx
    and $7, %edx
    xor %eax, %eax
    ON_FAULT words_refused
    rep stosq
    mov %edx, %ecx
    ON_FAULT bytes_refused
    rep stosb
    jmp 4b
