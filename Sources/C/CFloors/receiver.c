/* The other end of a webhook: as little HTTP as libcurl needs. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "CFloors.h"

#define MOST_CONNECTIONS 4096
#define MOST_BYTES 65536

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

struct conversation {
  char *bytes;
  int count;
};

int receiver_listen(int *port) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 512) != 0) return -1;
  getsockname(listener, (struct sockaddr *)&address, &size);
  *port = ntohs(address.sin_port);
  return listener;
}

static void note(const char *body, const char *end, volatile uint64_t *arrived, int most, volatile int *again) {
  const char *place = memmem(body, (size_t)(end - body), "bench-", 6);
  if (place == NULL || end - place < 18) return;
  long number = 0;
  for (int digit = 6; digit < 18; digit++) number = number * 10 + (place[digit] - '0');
  if (number < 0 || number >= most) return;
  if (arrived[number] == 0) arrived[number] = now();
  else (*again)++;
}

/* How many bytes at the beginning are one whole request; 0 while it is not all there. */
static int whole(struct conversation *one, const char **body) {
  one->bytes[one->count] = 0;
  char *end = strstr(one->bytes, "\r\n\r\n");
  if (end == NULL) return 0;
  const char *length = strcasestr(one->bytes, "content-length:");
  int size = length != NULL && length < end ? atoi(length + 15) : 0;
  *body = end + 4;
  int total = (int)(end + 4 - one->bytes) + size;
  return total <= one->count ? total : 0;
}

void receiver_run(int listener, volatile uint64_t *arrived, int most, volatile int *again) {
  static struct conversation all[MOST_CONNECTIONS];
  static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  int events = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, ready[256];
  epoll_ctl(events, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    int count = epoll_wait(events, ready, 256, -1);
    for (int index = 0; index < count; index++) {
      int descriptor = ready[index].data.fd;
      if (descriptor == listener) {
        int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (client < 0) continue;
        if (client >= MOST_CONNECTIONS) {
          close(client);
          continue;
        }
        int yes = 1;
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        if (all[client].bytes == NULL) all[client].bytes = malloc(MOST_BYTES + 1);
        all[client].count = 0;
        struct epoll_event added = {.events = EPOLLIN, .data.fd = client};
        epoll_ctl(events, EPOLL_CTL_ADD, client, &added);
        continue;
      }
      struct conversation *one = &all[descriptor];
      ssize_t got = read(descriptor, one->bytes + one->count, (size_t)(MOST_BYTES - one->count));
      if (got <= 0) {
        close(descriptor);
        continue;
      }
      one->count += (int)got;
      const char *body;
      int size;
      while ((size = whole(one, &body)) > 0) {
        note(body, one->bytes + size, arrived, most, again);
        if (write(descriptor, answer, sizeof answer - 1) < 0) break;
        memmove(one->bytes, one->bytes + size, (size_t)(one->count - size));
        one->count -= size;
      }
    }
  }
}
