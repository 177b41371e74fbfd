import Hosting

EscalatorProgram.main()
