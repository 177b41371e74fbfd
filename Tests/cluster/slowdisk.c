// Lets a test see a tier's flushes in their time: preloaded, each takes SLOW_DISK_MS milliseconds more, between its beginning and the real
// one, and is noted in the file SLOW_DISK_NOTES: "began ended path", in nanoseconds of CLOCK_MONOTONIC.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void note(int flushed, long long began, long long ended) {
  const char *notes = getenv("SLOW_DISK_NOTES");
  if (!notes) return;
  char link[64], path[512], line[640];
  snprintf(link, sizeof link, "/proc/self/fd/%d", flushed);
  ssize_t length = readlink(link, path, sizeof path - 1);
  path[length < 0 ? 0 : length] = 0;
  int file = open(notes, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return;
  int size = snprintf(line, sizeof line, "%lld %lld %s\n", began, ended, path);
  if (write(file, line, size) != size) abort();
  close(file);
}

#define DEFINE_FLUSH(name) \
  int name(int file) { \
    static int (*real)(int); \
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, #name); \
    const char *delay = getenv("SLOW_DISK_MS"); \
    long long began = now(); \
    usleep(1000 * (delay ? atoi(delay) : 0)); \
    int code = real(file); \
    if (code == 0) note(file, began, now()); \
    return code; \
  }
DEFINE_FLUSH(fsync)
DEFINE_FLUSH(fdatasync)
