/* What the kernel knows of this process and machine, by calls that Swift can't make or doesn't see. */
#pragma once

/* The kernel writes this process's memory to no file and hands it to no program, and no other process of this user may look into it.
   0: it took. */
int tocsin_hide_memory(void);

/* Whether that is so. */
int tocsin_memory_is_hidden(void);

/* How many files may be open. */
long tocsin_open_files_at_most(void);

/* Whether some time service keeps the machine's clock. */
int tocsin_clock_is_kept(void);
