/* Tells the calls of a process that name a file below a folder, and lets one of them
 * fail, once: preloaded, it stands before the system's own library.
 *
 * A call is told by its name, C where it changes something and R where not, and the path
 * in the folder, in which # stands for each part that has a digit in it, and for parts of
 * random names: so it is the same call in every run.
 *
 * OPERATION_DATA   the folder
 * OPERATION_TRACE  a file that gets a line a call; FAILED behind the one that fails
 * OPERATION_CALL   the call that fails, as such a line has it; none where it isn't set
 * OPERATION_AT     which of them: the first is 1
 * OPERATION_HOW    an errno, or "kill": then the process is killed in its place
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *data;
static const char *call_that_fails;
static size_t length;
static long fails_at;
static int fails_how;
static int trace = -1;
static atomic_long count;

__attribute__((constructor)) static void begin(void) {
    const char *file = getenv("OPERATION_TRACE");
    const char *folder = getenv("OPERATION_DATA");
    const char *at = getenv("OPERATION_AT");
    call_that_fails = getenv("OPERATION_CALL");
    const char *how = getenv("OPERATION_HOW");
    if (!file || !folder) return;
    trace = (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    fails_at = at ? atol(at) : 0;
    fails_how = how && strcmp(how, "kill") != 0 ? atoi(how) : 0;
    length = strlen(folder);
    data = folder;
}

static int is_of_name(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

/* Writes a path with # for what is another in each run. */
static void without_numbers(const char *path, char *to) {
    while (*path) {
        size_t size = 0, hex = 0;
        int digit = 0;
        for (; is_of_name(path[size]); size++) {
            digit |= path[size] >= '0' && path[size] <= '9';
            hex += path[size] == '-' || (path[size] >= 'a' && path[size] <= 'f');
        }
        if (digit || (hex == size && size >= 8)) {
            *to++ = '#';
        } else {
            memcpy(to, path, size);
            to += size;
        }
        path += size;
        if (*path) *to++ = *path++;
    }
    *to = 0;
}

/* Tells a call; whether it is the one that fails. */
static int fails(const char *call, char changes, const char *path) {
    if (strncmp(path, data, length) != 0 || (path[length] && path[length] != '/')) return 0;
    char line[PATH_MAX + 64];
    int size = snprintf(line, sizeof line, "%s %c ", call, changes);
    without_numbers(path + length, line + size);
    int is_meant = call_that_fails && strcmp(line, call_that_fails) == 0;
    int now = is_meant && atomic_fetch_add(&count, 1) + 1 == fails_at;
    strcat(line, now ? " FAILED\n" : "\n");
    syscall(SYS_write, trace, line, strlen(line));
    if (!now) return 0;
    if (fails_how == 0) {
        kill(getpid(), SIGKILL);
        for (;;) pause();
    }
    errno = fails_how;
    return 1;
}

static int fails_at_path(const char *call, char changes, int folder, const char *path) {
    if (!data || !path) return 0;
    if (path[0] == '/') return fails(call, changes, path);
    if (folder == AT_FDCWD) return 0;
    char link[64], full[2 * PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    ssize_t size = syscall(SYS_readlinkat, AT_FDCWD, link, full, PATH_MAX);
    if (size <= 0) return 0;
    snprintf(full + size, sizeof full - (size_t)size, "/%s", path);
    full[PATH_MAX - 1] = 0;
    return fails(call, changes, full);
}

static int fails_on(const char *call, char changes, int file) {
    if (!data) return 0;
    int saved = errno;
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t size = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
    errno = saved;
    if (size <= 0) return 0;
    path[size] = 0;
    return fails(call, changes, path);
}

#define REAL(type, name, ...)                                  \
    static type (*real)(__VA_ARGS__);                          \
    if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static char opens(int flags) { return flags & (O_CREAT | O_TRUNC) ? 'C' : 'R'; }

#define OPEN(function)                                                          \
    int function(const char *path, int flags, ...) {                            \
        REAL(int, #function, const char *, int, mode_t);                        \
        va_list more;                                                           \
        va_start(more, flags);                                                  \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0; \
        va_end(more);                                                           \
        if (fails_at_path("open", opens(flags), AT_FDCWD, path)) return -1;     \
        return real(path, flags, mode);                                         \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(function)                                                        \
    int function(int folder, const char *path, int flags, ...) {                \
        REAL(int, #function, int, const char *, int, mode_t);                   \
        va_list more;                                                           \
        va_start(more, flags);                                                  \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0; \
        va_end(more);                                                           \
        if (fails_at_path("open", opens(flags), folder, path)) return -1;       \
        return real(folder, path, flags, mode);                                 \
    }
OPENAT(openat)
OPENAT(openat64)

ssize_t read(int file, void *to, size_t size) {
    REAL(ssize_t, "read", int, void *, size_t);
    return fails_on("read", 'R', file) ? -1 : real(file, to, size);
}
ssize_t pread64(int file, void *to, size_t size, off64_t at) {
    REAL(ssize_t, "pread64", int, void *, size_t, off64_t);
    return fails_on("pread", 'R', file) ? -1 : real(file, to, size, at);
}
ssize_t pread(int file, void *to, size_t size, off_t at) {
    REAL(ssize_t, "pread", int, void *, size_t, off_t);
    return fails_on("pread", 'R', file) ? -1 : real(file, to, size, at);
}
ssize_t write(int file, const void *from, size_t size) {
    REAL(ssize_t, "write", int, const void *, size_t);
    return fails_on("write", 'C', file) ? -1 : real(file, from, size);
}
ssize_t writev(int file, const struct iovec *from, int parts) {
    REAL(ssize_t, "writev", int, const struct iovec *, int);
    return fails_on("writev", 'C', file) ? -1 : real(file, from, parts);
}
ssize_t pwrite64(int file, const void *from, size_t size, off64_t at) {
    REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
    return fails_on("pwrite", 'C', file) ? -1 : real(file, from, size, at);
}
ssize_t pwrite(int file, const void *from, size_t size, off_t at) {
    REAL(ssize_t, "pwrite", int, const void *, size_t, off_t);
    return fails_on("pwrite", 'C', file) ? -1 : real(file, from, size, at);
}
ssize_t copy_file_range(int from, off64_t *at, int to, off64_t *there, size_t size, unsigned flags) {
    REAL(ssize_t, "copy_file_range", int, off64_t *, int, off64_t *, size_t, unsigned);
    return fails_on("copy_file_range", 'C', to) ? -1 : real(from, at, to, there, size, flags);
}

#define ON_A_FILE(function, changes)                                      \
    int function(int file) {                                              \
        REAL(int, #function, int);                                        \
        return fails_on(#function, changes, file) ? -1 : real(file);      \
    }
ON_A_FILE(fsync, 'C')
ON_A_FILE(fdatasync, 'C')

int ftruncate64(int file, off64_t size) {
    REAL(int, "ftruncate64", int, off64_t);
    return fails_on("ftruncate", 'C', file) ? -1 : real(file, size);
}
int ftruncate(int file, off_t size) {
    REAL(int, "ftruncate", int, off_t);
    return fails_on("ftruncate", 'C', file) ? -1 : real(file, size);
}
int fchmod(int file, mode_t mode) {
    REAL(int, "fchmod", int, mode_t);
    return fails_on("fchmod", 'C', file) ? -1 : real(file, mode);
}
int flock(int file, int how) {
    REAL(int, "flock", int, int);
    return fails_on("flock", 'R', file) ? -1 : real(file, how);
}

#define AT_A_PATH(function, changes)                                                 \
    int function(const char *path) {                                                 \
        REAL(int, #function, const char *);                                          \
        return fails_at_path(#function, changes, AT_FDCWD, path) ? -1 : real(path);  \
    }
AT_A_PATH(unlink, 'C')
AT_A_PATH(rmdir, 'C')

int unlinkat(int folder, const char *path, int flags) {
    REAL(int, "unlinkat", int, const char *, int);
    return fails_at_path("unlink", 'C', folder, path) ? -1 : real(folder, path, flags);
}
int chmod(const char *path, mode_t mode) {
    REAL(int, "chmod", const char *, mode_t);
    return fails_at_path("chmod", 'C', AT_FDCWD, path) ? -1 : real(path, mode);
}
int mkdir(const char *path, mode_t mode) {
    REAL(int, "mkdir", const char *, mode_t);
    return fails_at_path("mkdir", 'C', AT_FDCWD, path) ? -1 : real(path, mode);
}
int link(const char *from, const char *to) {
    REAL(int, "link", const char *, const char *);
    return fails_at_path("link", 'C', AT_FDCWD, to) ? -1 : real(from, to);
}
int linkat(int folder, const char *from, int into, const char *to, int flags) {
    REAL(int, "linkat", int, const char *, int, const char *, int);
    return fails_at_path("link", 'C', into, to) ? -1 : real(folder, from, into, to, flags);
}
int rename(const char *from, const char *to) {
    REAL(int, "rename", const char *, const char *);
    return fails_at_path("rename", 'C', AT_FDCWD, to) ? -1 : real(from, to);
}
int renameat2(int folder, const char *from, int into, const char *to, unsigned flags) {
    REAL(int, "renameat2", int, const char *, int, const char *, unsigned);
    return fails_at_path("rename", 'C', into, to) ? -1 : real(folder, from, into, to, flags);
}
int statx(int folder, const char *path, int flags, unsigned mask, struct statx *to) {
    REAL(int, "statx", int, const char *, int, unsigned, struct statx *);
    int failed = path[0] ? fails_at_path("statx", 'R', folder, path)
                         : fails_on("statx", 'R', folder);
    return failed ? -1 : real(folder, path, flags, mask, to);
}

/* Listings that nothing was read of yet: the library asks the system for many names at
 * once, so that the first call alone is one that can fail. */
static _Atomic(DIR *) begun[64];

DIR *opendir(const char *path) {
    REAL(DIR *, "opendir", const char *);
    if (fails_at_path("opendir", 'R', AT_FDCWD, path)) return NULL;
    DIR *folder = real(path);
    for (size_t i = 0; folder && i < sizeof begun / sizeof *begun; i++) {
        DIR *none = NULL;
        if (atomic_compare_exchange_strong(&begun[i], &none, folder)) break;
    }
    return folder;
}
struct dirent64 *readdir64(DIR *folder) {
    REAL(struct dirent64 *, "readdir64", DIR *);
    for (size_t i = 0; i < sizeof begun / sizeof *begun; i++) {
        DIR *same = folder;
        if (atomic_compare_exchange_strong(&begun[i], &same, NULL))
            return fails_on("readdir", 'R', dirfd(folder)) ? NULL : real(folder);
    }
    return real(folder);
}
