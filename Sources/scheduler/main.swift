import Hosting

SchedulerProgram.main()
