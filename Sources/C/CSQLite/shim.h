#include <sqlite3.h>
#include <sys/statfs.h>

/* sqlite3_db_config is variadic, which Swift does not import. Schema writes and extensions are nobody's business here,
   and closing a reader must not checkpoint. */
static inline void tocsin_sqlite_harden(sqlite3 *db) {
  int now = 0;
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, &now);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, &now);
  sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, &now);
}

/* The type of the file system that a path lies on; 0 when it can't be told. */
static inline unsigned long tocsin_file_system_type(const char *path) {
  struct statfs status;
  return statfs(path, &status) == 0 ? (unsigned long)status.f_type : 0;
}
