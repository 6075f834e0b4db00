/*
 * The calibration server in C: an HTTP server whose delays are known, and which records the truth with as little of its
 * own as can be: arrivals by the kernel's receive time stamps (SO_TIMESTAMPNS), answers held back to the microsecond
 * (timerfd, then a short busy wait), one thread. Linux only.
 *
 * Prints one line with its port. Reads commands from its input, one a line, and answers each with a line:
 *   behave KIND A B C    behaves so from now on and begins a new log (see struct behaviour)
 *   truth                counts, as JSON
 *   log PATH             writes the log: for each request three doubles, arrival and end in milliseconds of the
 *                        monotonic clock, and what became of it (0 under way, 1 answered, 2 closed, 3 client gone)
 * It ends with its input. Requests of /health and /metrics are answered 404 at once and are in no log.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
enum { BACKLOG = 16384, BUFFER = 65536, EVENTS = 512 };
/* The timer is set so much too early; the rest is waited for awake. */
static const int64_t AWAKE_NS = 60000;
static const char ANSWER[] = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
static const char UNKNOWN[] = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";
/* The kinds of behaviour.ts, with its parameters in their order, in milliseconds or counts. */
static struct behaviour { char kind[16]; double a, b, c; } behaviour = { "null", 0, 0, 0 };
struct entry { int64_t arrived, ended; int fate; };
static struct entry *entries;
static size_t entry_count, entry_room;
static uint32_t log_number;
struct connection {
  uint32_t generation;
  int matched;         /* bytes of the empty line seen so far */
  size_t body_left, head_length;
  char head[2048];
};
static struct connection **connections;
static int connection_room;
static long opened, open_now, peak;
struct pending { int64_t due; int fd; uint32_t generation, log; size_t entry; int answers; };
static struct pending *heap;
static size_t heap_count, heap_room;
static void die(const char *what) { perror(what); exit(1); }
static void *grown(void *old, size_t bytes) {
  void *fresh = realloc(old, bytes);
  if (fresh == NULL) die("realloc");
  return fresh;
}
static int64_t now_of(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}
/* As src/random/random.ts. */
static uint32_t mix32(uint32_t x) {
  x = (x ^ (x >> 16)) * 0x7feb352dU;
  x = (x ^ (x >> 15)) * 0x846ca68bU;
  return x ^ (x >> 16);
}
static uint32_t hash32(uint32_t key, uint32_t counter) { return mix32(mix32(counter ^ key) + key * 0x9e3779b1U); }
/* In each block of so many requests, one is picked. */
static int is_picked(size_t number, double block) {
  uint32_t size = (uint32_t)block;
  return hash32(0x3c6ef372U, (uint32_t)(number / size)) % size == number % size;
}
static int64_t ns_of(double ms) { return (int64_t)(ms * 1e6); }
/* The delay of a request, and whether it is answered: as treatmentOf in behaviour.ts. */
static int64_t treat(size_t number, int64_t since_first, int *answers) {
  const struct behaviour *b = &behaviour;
  *answers = 1;
  if (strcmp(b->kind, "fixed") == 0) return ns_of(b->a);
  if (strcmp(b->kind, "bimodal") == 0) return ns_of(is_picked(number, b->c) ? b->b : b->a);
  if (strcmp(b->kind, "stall") == 0) {
    int64_t until = ns_of(b->c) - since_first;
    if (since_first >= ns_of(b->b) && until > ns_of(b->a)) return until;
    return ns_of(b->a);
  }
  if (strcmp(b->kind, "closing") == 0) { *answers = !is_picked(number, b->b); return ns_of(b->a); }
  return 0;
}
static int earlier(size_t i, size_t j) { return heap[i].due < heap[j].due; }
static void swap(size_t i, size_t j) { struct pending t = heap[i]; heap[i] = heap[j]; heap[j] = t; }
static void push(struct pending p) {
  if (heap_count == heap_room) heap = grown(heap, (heap_room = heap_room ? heap_room * 2 : 1024) * sizeof *heap);
  size_t i = heap_count++;
  heap[i] = p;
  for (; i > 0 && earlier(i, (i - 1) / 2); i = (i - 1) / 2) swap(i, (i - 1) / 2);
}
static struct pending pop(void) {
  struct pending first = heap[0];
  heap[0] = heap[--heap_count];
  for (size_t i = 0;;) {
    size_t least = i, left = 2 * i + 1, right = left + 1;
    if (left < heap_count && earlier(left, least)) least = left;
    if (right < heap_count && earlier(right, least)) least = right;
    if (least == i) return first;
    swap(i, least);
    i = least;
  }
}
static void drop(int fd) {
  connections[fd]->generation += 1;
  close(fd);
  open_now -= 1;
}
static void settle(struct pending p) {
  struct connection *c = connections[p.fd];
  int is_there = c->generation == p.generation, fate = 3;
  int64_t ended = now_of(CLOCK_MONOTONIC);
  if (is_there && p.answers) {
    if (send(p.fd, ANSWER, sizeof ANSWER - 1, MSG_NOSIGNAL) > 0) fate = 1;
  } else if (is_there) {
    fate = 2;
    drop(p.fd);
  }
  if (p.log == log_number) { entries[p.entry].ended = ended; entries[p.entry].fate = fate; }
}
static void received(int fd, int64_t arrived) {
  struct connection *c = connections[fd];
  if (strstr(c->head, " /health ") != NULL || strstr(c->head, " /metrics ") != NULL) {
    if (send(fd, UNKNOWN, sizeof UNKNOWN - 1, MSG_NOSIGNAL) < 0) perror("send");
    return;
  }
  if (entry_count == entry_room) entries = grown(entries, (entry_room = entry_room ? entry_room * 2 : 65536) * sizeof *entries);
  size_t number = entry_count++;
  entries[number] = (struct entry){ arrived, 0, 0 };
  struct pending p = { 0, fd, c->generation, log_number, number, 1 };
  int64_t delay = treat(number, arrived - entries[0].arrived, &p.answers);
  p.due = arrived + delay;
  if (delay <= 0) settle(p); else push(p);
}
static size_t body_length(const char *head) {
  for (const char *line = strchr(head, '\n'); line != NULL; line = strchr(line + 1, '\n'))
    if (strncasecmp(line + 1, "content-length:", 15) == 0) return (size_t)atol(line + 16);
  return 0;
}
static void parse(int fd, const char *bytes, size_t count, int64_t arrived) {
  static const char end[] = "\r\n\r\n";
  struct connection *c = connections[fd];
  uint32_t generation = c->generation;
  for (size_t at = 0; at < count && c->generation == generation;) {
    if (c->body_left > 0) {
      size_t taken = c->body_left < count - at ? c->body_left : count - at;
      c->body_left -= taken;
      at += taken;
      if (c->body_left == 0) received(fd, arrived);
      continue;
    }
    char byte = bytes[at++];
    if (c->head_length < sizeof c->head - 1) c->head[c->head_length++] = byte;
    c->matched = byte == end[c->matched] ? c->matched + 1 : byte == '\r';
    if (c->matched < 4) continue;
    c->head[c->head_length] = 0;
    c->body_left = body_length(c->head);
    c->matched = 0;
    c->head_length = 0;
    if (c->body_left == 0) received(fd, arrived);
  }
}
/* When the kernel received the last bytes of a read, on the monotonic clock; now where it does not say. */
static int64_t arrival_of(struct msghdr *message) {
  for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS) continue;
    struct timespec t;
    memcpy(&t, CMSG_DATA(c), sizeof t);
    int64_t age = now_of(CLOCK_REALTIME) - ((int64_t)t.tv_sec * 1000000000 + t.tv_nsec);
    return now_of(CLOCK_MONOTONIC) - (age > 0 ? age : 0);
  }
  return now_of(CLOCK_MONOTONIC);
}
static void read_from(int fd) {
  static char buffer[BUFFER];
  char control[256];
  struct iovec part = { buffer, sizeof buffer };
  struct msghdr message = { 0 };
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t count = recvmsg(fd, &message, 0);
  if (count > 0) parse(fd, buffer, (size_t)count, arrival_of(&message));
  else if (count == 0 || (errno != EAGAIN && errno != EINTR && errno != EBADF)) drop(fd);
}

static void accept_all(int listener, int poll) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    if (fd >= connection_room) {
      int room = fd * 2;
      connections = grown(connections, (size_t)room * sizeof *connections);
      memset(connections + connection_room, 0, (size_t)(room - connection_room) * sizeof *connections);
      connection_room = room;
    }
    if (connections[fd] == NULL && (connections[fd] = calloc(1, sizeof **connections)) == NULL) die("calloc");
    uint32_t generation = connections[fd]->generation + 1;
    memset(connections[fd], 0, sizeof **connections);
    connections[fd]->generation = generation;
    opened += 1;
    if (++open_now > peak) peak = open_now;
    struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };
    if (epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event) < 0) die("epoll_ctl");
  }
}

static void print_truth(void) {
  size_t fates[4] = { 0 };
  for (size_t i = 0; i < entry_count; i++) fates[entries[i].fate] += 1;
  printf("{\"received\":%zu,\"answered\":%zu,\"closed\":%zu,\"clientGone\":%zu,\"pending\":%zu,"
         "\"connections\":{\"opened\":%ld,\"peak\":%ld}}\n",
         entry_count, fates[1], fates[2], fates[3], fates[0], opened, peak);
}

static void write_log(const char *path) {
  FILE *file = fopen(path, "wb");
  if (file == NULL) die(path);
  for (size_t i = 0; i < entry_count; i++) {
    double row[3] = { (double)entries[i].arrived / 1e6, (double)entries[i].ended / 1e6, entries[i].fate };
    fwrite(row, sizeof row, 1, file);
  }
  fclose(file);
  puts("written");
}

static void obey(char *line) {
  struct behaviour asked = { "", 0, 0, 0 };
  if (sscanf(line, "behave %15s %lf %lf %lf", asked.kind, &asked.a, &asked.b, &asked.c) >= 1) {
    behaviour = asked;
    entry_count = 0;
    log_number += 1;
    opened = peak = open_now;
    puts("behaves");
  } else if (strncmp(line, "truth", 5) == 0) print_truth();
  else if (strncmp(line, "log ", 4) == 0) { line[strcspn(line, "\n")] = 0; write_log(line + 4); }
  else puts("unknown");
  fflush(stdout);
}

int main(void) {
  prctl(PR_SET_TIMERSLACK, 1);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  socklen_t length = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, length) < 0 || listen(listener, BACKLOG) < 0) die("listen");
  getsockname(listener, (struct sockaddr *)&address, &length);
  int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), poll = epoll_create1(EPOLL_CLOEXEC);
  int watched[] = { listener, timer, STDIN_FILENO };
  for (int i = 0; i < 3; i++) {
    struct epoll_event event = { .events = EPOLLIN, .data.fd = watched[i] };
    if (epoll_ctl(poll, EPOLL_CTL_ADD, watched[i], &event) < 0) die("epoll_ctl");
  }
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  struct epoll_event events[EVENTS];
  for (;;) {
    int64_t left = heap_count == 0 ? INT64_MAX : heap[0].due - now_of(CLOCK_MONOTONIC);
    int awake = left <= AWAKE_NS;
    if (!awake && heap_count > 0) {
      int64_t at = heap[0].due - AWAKE_NS;
      struct itimerspec when = { { 0, 0 }, { at / 1000000000, at % 1000000000 } };
      timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
    }
    int count = epoll_wait(poll, events, EVENTS, awake ? 0 : -1);
    while (heap_count > 0 && heap[0].due <= now_of(CLOCK_MONOTONIC)) settle(pop());
    for (int i = 0; i < count; i++) {
      int fd = events[i].data.fd;
      if (fd == listener) accept_all(listener, poll);
      else if (fd == timer) { uint64_t times; if (read(timer, &times, sizeof times) < 0) continue; }
      else if (fd == STDIN_FILENO) {
        char line[4096];
        if (fgets(line, sizeof line, stdin) == NULL) return 0;
        obey(line);
      } else read_from(fd);
    }
  }
}
