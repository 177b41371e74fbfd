/* What the machine can do when nothing is in the way: the floors that tocsin-bench measures beside our own figures. */
#pragma once
#include <stdint.h>

/* Calls: libzmq ROUTER/DEALER and protobuf-c, one thread a side, in C.

   The server answers each request with its own payload until its process is killed. Returns only on failure. */
int floor_serve_calls(const char *endpoint);

/* One client with so many calls in flight: every answer begins the next call. Latencies in nanoseconds go to
   `latencies`, which holds `calls`. Returns the nanoseconds from the first call to the last answer; 0 on failure. */
uint64_t floor_make_calls(const char *endpoint, int in_flight, int calls, int payload_bytes, uint64_t *latencies);

/* Durable writes: SQLite in WAL mode with synchronous=FULL behind a TCP socket, group commit, in C: everything that has
   arrived is one transaction, and is acknowledged after its commit. Rows have the columns of our journal and bodies of
   `body_bytes`. Prints the port in decimal and a newline on `ready_fd`. Returns only on failure. */
int floor_serve_commits(const char *database, int request_bytes, int body_bytes, int ready_fd);

/* So many connections with so many requests in flight each. Returns the nanoseconds that all took; 0 on failure. */
uint64_t floor_make_commits(
  int port, int connections, int in_flight, int requests, int request_bytes, uint64_t *latencies);

/* The mean size of the row bodies in one of our journals; 0 when there are none. */
int floor_mean_body(const char *database);

/* Load for the real intake: so many connections with so many publishes in flight each, by the public protocol and as
   lean as the floor's own client, so that what is measured is the intake. `event` is an encoded Event with a number of
   twelve digits at `number_at`, which is counted on from `first`. Returns the nanoseconds that all took; 0 on failure. */
uint64_t load_publishes(
  const char *endpoint, int connections, int in_flight, int publishes, uint8_t *event, int event_bytes, int number_at,
  uint64_t first, uint64_t *latencies);

// One source that sends so many events a second, whatever is answered. 0 when each was answered; `took` are the nanoseconds until
// the last one was.
int load_flood(
  const char *endpoint, int rate, int seconds, uint8_t *event, int event_bytes, int number_at, uint64_t *taken,
  uint64_t *refused, uint64_t *took);

/* A receiver of webhooks on the loopback. Listens; the port goes to `port`. Returns the socket, or -1. */
int receiver_listen(int *port);

/* Takes requests for ever, each answered 200 at once, on the caller's thread. A body that holds "bench-" and twelve digits
   is page number N: the first instant (CLOCK_MONOTONIC, ns) goes to `arrived[N]`, further ones are counted in
   `*again`. */
void receiver_run(int listener, volatile uint64_t *arrived, int most, volatile int *again);

/* Webhooks: so many POST requests, so many of them at once, by libcurl's multi interface and connections that are kept. The body has
   `body_bytes`, the headers are a webhook's. Returns the nanoseconds that all took; 0 when one was not answered 200. */
uint64_t floor_hand_over(const char *url, int in_flight, int requests, int body_bytes);

/* Pages one after the other, with 5 ms between: a row and an fdatasync in each of three files of `directory`, and a POST to `url`. 0, or -1
   when something failed. */
int floor_page(const char *url, const char *directory, int pages, uint64_t *latencies);

/* So many timers by timerfd, one after the other. How late each rang, in nanoseconds, goes to `late`. 0, or -1 on failure. */
int floor_timers(int per_second, int timers, uint64_t *late);

/* Gives memory that is free back to the kernel, so that what a process holds can be told. */
void floor_give_back_memory(void);
