// Lets a test take away what a power cut would: whatever was written and not yet flushed. Preloaded into a tier, it notes
// what each write to a file under POWERLOSS_WATCHED overwrites, and each flush, in the file POWERLOSS_NOTES;
// powerloss.py then undoes, after a SIGKILL, every write that no flush of its file followed.
//
// One lock around note and deed keeps the notes in the order in which things happened. A flush is noted when it has
// returned: one that the kill cut off counts as not done. What it does not model: a file's own name survives its creation
// at once (only renames and removals are undone while their directory isn't flushed), and writes are lost as a whole.
//
// A note: 1 byte kind, 8 inode, 8 offset, 8 size of the file before, 8 length of what follows, then that: the bytes that
// were there ('w'), or a path ('r', 'u': where the removed file is kept, a newline, where it was).
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *watched, *kept;
static int notes = -1;
static unsigned long kept_count;

#define REAL(name, type, ...) \
  static type (*real)(__VA_ARGS__); \
  if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

static ssize_t plain_write(int file, const void *bytes, size_t count) {
  REAL(write, ssize_t, int, const void *, size_t);
  return real(file, bytes, count);
}

__attribute__((constructor)) static void begin(void) {
  watched = getenv("POWERLOSS_WATCHED");
  kept = getenv("POWERLOSS_KEPT");
  const char *path = getenv("POWERLOSS_NOTES");
  if (watched && kept && path) notes = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

// The state of an open file if it is one that the test watches: shared memory and the reserve hold nothing worth keeping.
static int is_watched(int file, struct stat *status) {
  char link[32], path[4096];
  if (notes < 0 || fstat(file, status) != 0) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  if (strncmp(path, watched, strlen(watched)) != 0 || path[strlen(watched)] != '/') {
    return S_ISDIR(status->st_mode) && strcmp(path, watched) == 0;
  }
  return !strstr(path, "-shm") && !strstr(path, "/ballast");
}

static void note(char kind, uint64_t inode, uint64_t offset, uint64_t size, const void *bytes, uint64_t count) {
  uint64_t numbers[4] = {inode, offset, size, count};
  struct iovec parts[3] = {{&kind, 1}, {numbers, sizeof numbers}, {(void *)bytes, count}};
  if (writev(notes, parts, 3) != (ssize_t)(1 + sizeof numbers + count)) abort();
}

// What a write of `count` bytes at `offset` is about to overwrite, or a cut to `offset` about to remove.
static void note_overwritten(int file, const struct stat *status, uint64_t offset, uint64_t count) {
  uint64_t there = offset >= (uint64_t)status->st_size ? 0 : status->st_size - offset;
  if (there > count) there = count;
  char *bytes = malloc(there + 1);
  // A file that is open for writing only can't be read through its own descriptor.
  char link[32];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  int reader = open(link, O_RDONLY | O_CLOEXEC);
  if (there && (reader < 0 || pread(reader, bytes, there, offset) != (ssize_t)there)) abort();
  if (reader >= 0) close(reader);
  note('w', status->st_ino, offset, status->st_size, bytes, there);
  free(bytes);
}

#define DEFINE_PWRITE(name, offset_type) \
  ssize_t name(int file, const void *bytes, size_t count, offset_type offset) { \
    REAL(name, ssize_t, int, const void *, size_t, offset_type); \
    struct stat status; \
    if (!is_watched(file, &status)) return real(file, bytes, count, offset); \
    pthread_mutex_lock(&lock); \
    fstat(file, &status); \
    note_overwritten(file, &status, offset, count); \
    ssize_t done = real(file, bytes, count, offset); \
    pthread_mutex_unlock(&lock); \
    return done; \
  }
DEFINE_PWRITE(pwrite, off_t)
DEFINE_PWRITE(pwrite64, off64_t)

ssize_t write(int file, const void *bytes, size_t count) {
  struct stat status;
  if (!is_watched(file, &status) || !S_ISREG(status.st_mode)) return plain_write(file, bytes, count);
  pthread_mutex_lock(&lock);
  fstat(file, &status);
  off_t offset = fcntl(file, F_GETFL) & O_APPEND ? status.st_size : lseek(file, 0, SEEK_CUR);
  note_overwritten(file, &status, offset, count);
  ssize_t done = plain_write(file, bytes, count);
  pthread_mutex_unlock(&lock);
  return done;
}

#define DEFINE_FTRUNCATE(name, offset_type) \
  int name(int file, offset_type size) { \
    REAL(name, int, int, offset_type); \
    struct stat status; \
    if (!is_watched(file, &status)) return real(file, size); \
    pthread_mutex_lock(&lock); \
    fstat(file, &status); \
    note_overwritten(file, &status, size, UINT64_MAX); \
    int done = real(file, size); \
    pthread_mutex_unlock(&lock); \
    return done; \
  }
DEFINE_FTRUNCATE(ftruncate, off_t)
DEFINE_FTRUNCATE(ftruncate64, off64_t)

// The C library writes buffered files behind our back: until it is flushed, such a file holds nothing.
#define DEFINE_FOPEN(name) \
  FILE *name(const char *path, const char *mode) { \
    REAL(name, FILE *, const char *, const char *); \
    FILE *opened = real(path, mode); \
    struct stat status; \
    if (opened && *mode == 'w' && is_watched(fileno(opened), &status)) { \
      pthread_mutex_lock(&lock); \
      note('w', status.st_ino, 0, 0, "", 0); \
      pthread_mutex_unlock(&lock); \
    } \
    return opened; \
  }
DEFINE_FOPEN(fopen)
DEFINE_FOPEN(fopen64)

#define DEFINE_FLUSH(name) \
  int name(int file) { \
    REAL(name, int, int); \
    struct stat status; \
    if (!is_watched(file, &status)) return real(file); \
    pthread_mutex_lock(&lock); \
    int done = real(file); \
    if (done == 0) note('s', status.st_ino, 0, 0, "", 0); \
    pthread_mutex_unlock(&lock); \
    return done; \
  }
DEFINE_FLUSH(fsync)
DEFINE_FLUSH(fdatasync)

// Keeps a file that is about to lose its name under another one; `kind` says what must be undone.
static void note_gone(char kind, const char *path, const char *from) {
  struct stat status, folder;
  char text[8300], place[4096];
  snprintf(place, sizeof place, "%s", path);
  char *slash = strrchr(place, '/');
  if (!slash || strncmp(path, watched, strlen(watched)) != 0 || strstr(path, "-shm") || strstr(path, "/ballast")) return;
  *slash = 0;
  if (stat(place, &folder) != 0) return;
  int exists = stat(path, &status) == 0;
  snprintf(place, sizeof place, "%s/%d-%lu", kept, (int)getpid(), kept_count++);
  if (exists && link(path, place) != 0) abort();
  int length = snprintf(text, sizeof text, "%s\n%s\n%s", exists ? place : "", path, from);
  note(kind, folder.st_ino, 0, 0, text, length);
}

int unlink(const char *path) {
  REAL(unlink, int, const char *);
  if (notes < 0) return real(path);
  pthread_mutex_lock(&lock);
  if (access(path, F_OK) == 0) note_gone('u', path, "");
  int done = real(path);
  pthread_mutex_unlock(&lock);
  return done;
}

int rename(const char *from, const char *to) {
  REAL(rename, int, const char *, const char *);
  if (notes < 0) return real(from, to);
  pthread_mutex_lock(&lock);
  note_gone('r', to, from);
  int done = real(from, to);
  pthread_mutex_unlock(&lock);
  return done;
}
