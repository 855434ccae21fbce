/* SPDX-License-Identifier: MIT */
/*
 * Error numbers of hypercalls, returned negated. They are the ABI's own, whatever a guest's libc calls them.
 *
 * Include it plainly for the constants XEN_E*, or define XEN_ERRNO(name, value) first and include it to
 * expand the list, as often as needed (a table of messages, for example).
 */
#ifndef XEN_ERRNO
#ifndef __XEN_PUBLIC_ERRNO_H__
#define __XEN_PUBLIC_ERRNO_H__
#define XEN_ERRNO_DEFAULT_INCLUDE
#define XEN_ERRNO(name, value) XEN_##name = value,
enum xen_errno {
#endif
#endif

#ifdef XEN_ERRNO
XEN_ERRNO(EPERM,           1)  /* not allowed for this domain */
XEN_ERRNO(ENOENT,          2)  /* no such object */
XEN_ERRNO(ESRCH,           3)  /* no such domain */
XEN_ERRNO(EIO,             5)
XEN_ERRNO(ENXIO,           6)
XEN_ERRNO(E2BIG,           7)
XEN_ERRNO(ENOEXEC,         8)
XEN_ERRNO(EBADF,           9)
XEN_ERRNO(ECHILD,         10)
XEN_ERRNO(EAGAIN,         11)  /* not now: try again */
XEN_ERRNO(EWOULDBLOCK,    11)
XEN_ERRNO(ENOMEM,         12)
XEN_ERRNO(EACCES,         13)  /* wrong version of a control call's interface */
XEN_ERRNO(EFAULT,         14)  /* an argument's memory cannot be read or written */
XEN_ERRNO(EBUSY,          16)
XEN_ERRNO(EEXIST,         17)
XEN_ERRNO(EXDEV,          18)
XEN_ERRNO(ENODEV,         19)
XEN_ERRNO(ENOTDIR,        20)
XEN_ERRNO(EISDIR,         21)
XEN_ERRNO(EINVAL,         22)  /* a bad argument */
XEN_ERRNO(ENFILE,         23)
XEN_ERRNO(EMFILE,         24)
XEN_ERRNO(ENOSPC,         28)
XEN_ERRNO(EROFS,          30)
XEN_ERRNO(EMLINK,         31)
XEN_ERRNO(EDOM,           33)
XEN_ERRNO(ERANGE,         34)
XEN_ERRNO(EDEADLK,        35)
XEN_ERRNO(EDEADLOCK,      35)
XEN_ERRNO(ENAMETOOLONG,   36)
XEN_ERRNO(ENOLCK,         37)
XEN_ERRNO(ENOSYS,         38)  /* no such hypercall or command */
XEN_ERRNO(ENOTEMPTY,      39)
XEN_ERRNO(ENODATA,        61)
XEN_ERRNO(ETIME,          62)  /* that time has passed */
XEN_ERRNO(EBADMSG,        74)
XEN_ERRNO(EOVERFLOW,      75)
XEN_ERRNO(EILSEQ,         84)
XEN_ERRNO(ENOTSOCK,       88)
XEN_ERRNO(EMSGSIZE,       90)
XEN_ERRNO(EOPNOTSUPP,     95)  /* known, but not offered here */
XEN_ERRNO(EADDRINUSE,     98)
XEN_ERRNO(EADDRNOTAVAIL,  99)
XEN_ERRNO(ENOBUFS,       105)
XEN_ERRNO(EISCONN,       106)
XEN_ERRNO(ENOTCONN,      107)
XEN_ERRNO(ETIMEDOUT,     110)
XEN_ERRNO(ECONNREFUSED,  111)
#undef XEN_ERRNO
#endif

#ifdef XEN_ERRNO_DEFAULT_INCLUDE
#undef XEN_ERRNO_DEFAULT_INCLUDE
};
#endif
