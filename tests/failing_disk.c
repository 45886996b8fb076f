/* A disk that fails: preloaded into a process, it lets one kind of call on a catalogue fail.

   `arm("pread", 3, EIO, 0)`: the third read from now on fails, once; with 1 at the end, all from
   the third one on. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static char armed[16];
static long left;
static int error, for_ever;

void arm(const char *call, long nth, int code, int always) {
    snprintf(armed, sizeof armed, "%s", call);
    left = nth;
    error = code;
    for_ever = always;
}

/* How many calls are still to come before the one that fails: 0 or less where it has failed. */
long remaining(void) { return left; }

static int fails(const char *call, const char *path) {
    if (strcmp(call, armed) || !strstr(path, "catalog.db")) return 0;
    left--;
    if (left == 0 || (left < 0 && for_ever)) {
        errno = error;
        return 1;
    }
    return 0;
}

static int fails_at(const char *call, int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return fails(call, path);
}

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

#define READ(name, offset) \
    ssize_t name(int fd, void *data, size_t size, offset at) { \
        REAL(name); \
        return fails_at("pread", fd) ? -1 : real(fd, data, size, at); \
    }
#define WRITE(name, offset) \
    ssize_t name(int fd, const void *data, size_t size, offset at) { \
        REAL(name); \
        return fails_at("pwrite", fd) ? -1 : real(fd, data, size, at); \
    }
ssize_t write(int fd, const void *data, size_t size) {
    REAL(write);
    return fails_at("pwrite", fd) ? -1 : real(fd, data, size);
}

#define SYNC(name) \
    int name(int fd) { \
        REAL(name); \
        return fails_at("fsync", fd) ? -1 : real(fd); \
    }
#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        REAL(name); \
        va_list more; \
        va_start(more, flags); \
        mode_t mode = va_arg(more, mode_t); \
        va_end(more); \
        return fails("open", path) ? -1 : real(path, flags, mode); \
    }

READ(pread, off_t)
READ(pread64, off64_t)
WRITE(pwrite, off_t)
WRITE(pwrite64, off64_t)
SYNC(fsync)
SYNC(fdatasync)
OPEN(open)
OPEN(open64)
