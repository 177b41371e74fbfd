/// Runs tasks on a poll thread: a task that prefers this executor shares the thread with the sockets, so that its calls
/// cost no hop between threads and its replies wake nobody.
///
///     Task(executorPreference: connection.executor) { try await connection.call(…) }
///
/// Such a task must not block: while it computes, nothing arrives.
public final class TaskRunner: TaskExecutor {
  private unowned let thread: PollThread

  init(_ thread: PollThread) {
    self.thread = thread
  }

  public func enqueue(_ job: consuming ExecutorJob) {
    thread.hand(.task(UnownedJob(job)))
  }
}
