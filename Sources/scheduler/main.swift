import Hosting

SchedulerProgram.main(HostOptions.arguments())
