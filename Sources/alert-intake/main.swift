import Hosting

IntakeProgram.main()
