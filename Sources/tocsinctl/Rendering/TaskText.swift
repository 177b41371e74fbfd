import Messages

/// Daily tasks for people.
enum TaskText {
  static func show(_ day: DailyTasks, _ global: GlobalOptions) throws {
    try Answer.show(day, global.output) {
      let times = global.times
      Answer.facts([("tasks of", day.date), ("primary", day.person.isEmpty ? "nobody" : day.person)])
      print("")
      var table = Table("TASK", "WHAT", "DONE (\(times.zone))", "SEEN", "HOW")
      for task in day.tasks {
        let values = task.values.map { value in
          value.value.isEmpty
            ? "\(value.name) \(value.expected)"
            : "\(value.name) \(value.value)\(value.outOfRange ? " OUT OF RANGE (\(value.expected))" : "")"
        }
        table.add(
          task.id, task.text, task.by.isEmpty ? "-" : "\(task.by), \(times.short(task.tickedAt))",
          (values + [task.saw].filter { !$0.isEmpty }).joined(separator: ", "), task.how)
      }
      table.print(otherwise: "no tasks")
    }
  }
}
