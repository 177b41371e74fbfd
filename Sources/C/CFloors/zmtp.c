#define _GNU_SOURCE
#include "zmtp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { more = 1, is_long = 2, command = 4, greeting_bytes = 64 };

static uint8_t *room(struct zmtp_bytes *buffer, size_t count) {
  if (buffer->from == buffer->until) buffer->from = buffer->until = 0;
  if (buffer->room - buffer->until < count && buffer->from > 0) {
    memmove(buffer->start, buffer->start + buffer->from, buffer->until - buffer->from);
    buffer->until -= buffer->from;
    buffer->from = 0;
  }
  if (buffer->room - buffer->until < count) {
    buffer->room = (buffer->until + count) * 2;
    buffer->start = realloc(buffer->start, buffer->room);
    if (buffer->start == NULL) abort();
  }
  return buffer->start + buffer->until;
}

static void put_frame(struct zmtp_connection *one, int flags, struct zmtp_frame frame) {
  uint8_t *next = room(&one->out, frame.count + 9), *start = next;
  *next++ = (uint8_t)(flags | (frame.count > 255 ? is_long : 0));
  if (frame.count > 255)
    for (int shift = 56; shift >= 0; shift -= 8) *next++ = (uint8_t)((uint64_t)frame.count >> shift);
  else
    *next++ = (uint8_t)frame.count;
  memcpy(next, frame.bytes, frame.count);
  one->out.until += (size_t)(next - start) + frame.count;
}

/* Where a whole frame ends that begins `at` bytes into what was read; 0 when it isn't all there. */
static size_t frame_at(const struct zmtp_bytes *in, size_t at, int *flags, struct zmtp_frame *frame) {
  size_t left = in->until - in->from;
  const uint8_t *start = in->start + in->from;
  if (left < at + 2) return 0;
  *flags = start[at];
  size_t head = *flags & is_long ? 9 : 2;
  if (left < at + head) return 0;
  uint64_t count = 0;
  for (size_t index = 1; index < head; index++) count = count << 8 | start[at + index];
  if (left - at - head < count) return 0;
  *frame = (struct zmtp_frame){start + at + head, (size_t)count};
  return at + head + (size_t)count;
}

void zmtp_send(struct zmtp_connection *one, struct zmtp_frame first, struct zmtp_frame second) {
  put_frame(one, more, first);
  put_frame(one, 0, second);
}

long zmtp_flush(struct zmtp_connection *one) {
  struct zmtp_bytes *out = &one->out;
  while (out->from < out->until) {
    ssize_t put = send(one->descriptor, out->start + out->from, out->until - out->from, MSG_NOSIGNAL);
    if (put > 0) out->from += (size_t)put;
    else if (errno == EAGAIN) break;
    else if (errno != EINTR) return -1;
  }
  return (long)(out->until - out->from);
}

int zmtp_fill(struct zmtp_connection *one) {
  enum { at_once = 65536 };
  ssize_t got = recv(one->descriptor, room(&one->in, at_once), at_once, 0);
  if (got > 0) one->in.until += (size_t)got;
  return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR)) ? 0 : -1;
}

/* A PING brings a time to live in two bytes and a context, which its PONG gives back. */
static void answer_command(struct zmtp_connection *one, struct zmtp_frame frame) {
  uint8_t pong[5 + 16] = "\4PONG";
  if (frame.count < 7 || frame.count > 7 + 16 || memcmp(frame.bytes, "\4PING", 5) != 0) return;
  memcpy(pong + 5, frame.bytes + 7, frame.count - 7);
  put_frame(one, command, (struct zmtp_frame){pong, frame.count - 2});
}

int zmtp_next(struct zmtp_connection *one, struct zmtp_frame *first, struct zmtp_frame *second) {
  int flags;
  size_t end;
  while ((end = frame_at(&one->in, 0, &flags, first)) != 0 && flags & command) {
    answer_command(one, *first);
    one->in.from += end;
  }
  if (end == 0) return 0;
  if (!(flags & more)) return -1;
  if ((end = frame_at(&one->in, end, &flags, second)) == 0) return 0;
  one->in.from += end;
  return flags & (more | command) ? -1 : 1;
}

static int write_all(int descriptor, const uint8_t *bytes, size_t count) {
  return send(descriptor, bytes, count, MSG_NOSIGNAL) == (ssize_t)count ? 0 : -1;
}

static int shake_hands(struct zmtp_connection *one) {
  static const uint8_t ready[] = "\4\x29\5READY\x0bSocket-Type\0\0\0\6DEALER\x08Identity\0\0\0";
  uint8_t greeting[greeting_bytes] = {0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 0, 'N', 'U', 'L', 'L'};
  uint8_t theirs[greeting_bytes];
  if (write_all(one->descriptor, greeting, sizeof greeting) != 0) return -1;
  if (recv(one->descriptor, theirs, sizeof theirs, MSG_WAITALL) != sizeof theirs) return -1;
  if (theirs[10] < 3 || memcmp(theirs + 12, "NULL", 5) != 0) return -1;
  if (write_all(one->descriptor, ready, sizeof ready) != 0) return -1;
  struct zmtp_frame frame;
  int flags;
  size_t end;
  while ((end = frame_at(&one->in, 0, &flags, &frame)) == 0)
    if (zmtp_fill(one) != 0) return -1;
  one->in.from += end;
  return flags & command && frame.count > 6 && memcmp(frame.bytes, "\5READY", 6) == 0 ? 0 : -1;
}

/* Whoever listens there may only be starting: 10 s for that. */
static int connect_to(const struct sockaddr_in *address) {
  enum { tries = 2000, pause_microseconds = 5000 };
  for (int attempt = 0; attempt < tries; attempt++) {
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -1;
    if (connect(descriptor, (const struct sockaddr *)address, sizeof *address) == 0) return descriptor;
    close(descriptor);
    if (errno != ECONNREFUSED) return -1;
    usleep(pause_microseconds);
  }
  return -1;
}

int zmtp_open(struct zmtp_connection *one, const char *endpoint) {
  int port, yes = 1;
  if (sscanf(endpoint, "tcp://127.0.0.1:%d", &port) != 1) return -1;
  struct sockaddr_in address = {
    .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  memset(one, 0, sizeof *one);
  one->descriptor = connect_to(&address);
  if (one->descriptor < 0) return -1;
  setsockopt(one->descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (shake_hands(one) != 0) return -1;
  return fcntl(one->descriptor, F_SETFL, O_NONBLOCK);
}

void zmtp_close(struct zmtp_connection *one) {
  if (one->descriptor >= 0) close(one->descriptor);
  free(one->in.start);
  free(one->out.start);
}
