/* The floor of durable writes: SQLite's own group commit behind plain TCP sockets. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "CFloors.h"

#define MOST_CONNECTIONS 4096

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static int listen_on_loopback(int *port) {
  int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  if (bind(server, (struct sockaddr *)&address, size) != 0 || listen(server, 512) != 0) return -1;
  getsockname(server, (struct sockaddr *)&address, &size);
  *port = ntohs(address.sin_port);
  return server;
}

static void hurry(int descriptor) {
  int yes = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  fcntl(descriptor, F_SETFL, O_NONBLOCK);
}

static sqlite3_stmt *open_database(const char *path, sqlite3 **database) {
  sqlite3_stmt *insert = NULL;
  if (sqlite3_open(path, database) != SQLITE_OK) return NULL;
  sqlite3_exec(*database, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16384;", 0, 0, 0);
  sqlite3_exec(
    *database,
    "CREATE TABLE record(seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind INTEGER NOT NULL, body BLOB NOT NULL, "
    "crc INTEGER NOT NULL, chain BLOB NOT NULL)",
    0, 0, 0);
  sqlite3_prepare_v2(*database, "INSERT INTO record VALUES(?, ?, 1, ?, 7, ?)", -1, &insert, NULL);
  return insert;
}

int floor_serve_commits(const char *path, int request_bytes, int body_bytes, int ready_fd) {
  sqlite3 *database;
  sqlite3_stmt *insert = open_database(path, &database);
  int port = 0, server = listen_on_loopback(&port);
  if (insert == NULL || server < 0) return -1;
  dprintf(ready_fd, "%d\n", port);
  int events = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = server}, ready[256];
  epoll_ctl(events, EPOLL_CTL_ADD, server, &event);
  static int pending[MOST_CONNECTIONS], owed[MOST_CONNECTIONS];
  char *buffer = malloc(1 << 20), *body = calloc(1, (size_t)body_bytes), chain[32] = {0}, acks[65536] = {0};
  sqlite3_int64 row = 0;
  for (;;) {
    int count = epoll_wait(events, ready, 256, -1), total = 0;
    for (int index = 0; index < count; index++) {
      int descriptor = ready[index].data.fd;
      if (descriptor == server) {
        int client = accept4(server, NULL, NULL, SOCK_CLOEXEC);
        if (client < 0 || client >= MOST_CONNECTIONS) return -1;
        hurry(client);
        pending[client] = 0;
        struct epoll_event added = {.events = EPOLLIN, .data.fd = client};
        epoll_ctl(events, EPOLL_CTL_ADD, client, &added);
        continue;
      }
      ssize_t got = read(descriptor, buffer, 1 << 20);
      if (got <= 0) {
        close(descriptor);
        owed[descriptor] = 0;
        continue;
      }
      pending[descriptor] += (int)got;
      owed[descriptor] = pending[descriptor] / request_bytes;
      pending[descriptor] %= request_bytes;
      total += owed[descriptor];
    }
    if (total == 0) continue;
    sqlite3_exec(database, "BEGIN IMMEDIATE", 0, 0, 0);
    for (int index = 0; index < total; index++) {
      row++;
      memcpy(body, &row, sizeof row);
      sqlite3_bind_int64(insert, 1, row);
      sqlite3_bind_int64(insert, 2, row);
      sqlite3_bind_blob(insert, 3, body, body_bytes, SQLITE_STATIC);
      sqlite3_bind_blob(insert, 4, chain, sizeof chain, SQLITE_STATIC);
      if (sqlite3_step(insert) != SQLITE_DONE) return -1;
      sqlite3_reset(insert);
    }
    if (sqlite3_exec(database, "COMMIT", 0, 0, 0) != SQLITE_OK) return -1;
    for (int index = 0; index < count; index++) {
      int descriptor = ready[index].data.fd;
      if (descriptor == server || owed[descriptor] == 0) continue;
      if (write(descriptor, acks, (size_t)owed[descriptor]) < 0) return -1;
      owed[descriptor] = 0;
    }
  }
}

struct client {
  int descriptor;
  uint64_t *began; /* a ring of the requests in flight: answers come in order */
  int first;
};

static int send_requests(struct client *client, int in_flight, int place, int count, const char *bytes, int size) {
  uint64_t instant = now();
  for (int index = 0; index < count; index++) {
    client->began[(place + index) % in_flight] = instant;
    int left = size;
    while (left > 0) {
      ssize_t put = write(client->descriptor, bytes, (size_t)left);
      if (put > 0) left -= (int)put;
      else if (put < 0 && errno != EAGAIN) return -1;
    }
  }
  return 0;
}

uint64_t floor_make_commits(
  int port, int connections, int in_flight, int requests, int request_bytes, uint64_t *latencies
) {
  struct client *clients = calloc((size_t)connections, sizeof *clients);
  char *bytes = calloc(1, (size_t)request_bytes);
  int events = epoll_create1(EPOLL_CLOEXEC), sent = 0, done = 0;
  for (int index = 0; index < connections; index++) {
    struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    clients[index].descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    clients[index].began = calloc((size_t)in_flight, sizeof(uint64_t));
    if (connect(clients[index].descriptor, (struct sockaddr *)&address, sizeof address) != 0) return 0;
    hurry(clients[index].descriptor);
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)index};
    epoll_ctl(events, EPOLL_CTL_ADD, clients[index].descriptor, &event);
  }
  uint64_t start = now();
  for (int index = 0; index < connections && sent < requests; index++) {
    int count = in_flight < requests - sent ? in_flight : requests - sent;
    if (send_requests(&clients[index], in_flight, 0, count, bytes, request_bytes) != 0) return 0;
    sent += count;
  }
  while (done < requests) {
    struct epoll_event ready[256];
    char acks[65536];
    int count = epoll_wait(events, ready, 256, 10000);
    if (count <= 0) return 0;
    for (int index = 0; index < count; index++) {
      struct client *client = &clients[ready[index].data.u32];
      ssize_t got = read(client->descriptor, acks, sizeof acks);
      if (got <= 0) return 0;
      uint64_t instant = now();
      int first = client->first;
      for (ssize_t ack = 0; ack < got && done < requests; ack++) {
        latencies[done++] = instant - client->began[client->first];
        client->first = (client->first + 1) % in_flight;
      }
      int more = (int)got < requests - sent ? (int)got : requests - sent;
      if (send_requests(client, in_flight, first, more, bytes, request_bytes) != 0) return 0;
      sent += more;
    }
  }
  uint64_t took = now() - start;
  for (int index = 0; index < connections; index++) {
    close(clients[index].descriptor);
    free(clients[index].began);
  }
  close(events);
  free(clients);
  free(bytes);
  return took;
}

int floor_mean_body(const char *path) {
  sqlite3 *database;
  sqlite3_stmt *query = NULL;
  int mean = 0;
  if (sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK) {
    const char *text = "SELECT CAST(avg(length(body)) AS INTEGER) FROM (SELECT body FROM record ORDER BY seq DESC LIMIT 1000)";
    if (sqlite3_prepare_v2(database, text, -1, &query, NULL) == SQLITE_OK && sqlite3_step(query) == SQLITE_ROW)
      mean = sqlite3_column_int(query, 0);
    sqlite3_finalize(query);
  }
  sqlite3_close(database);
  return mean;
}
