/* A disk that can be looked into, full or broken: preloaded into the program under test (LD_PRELOAD).
 *
 * Everything that the program does to files below DISK_ROOT is carried out and written down, in its
 * order, in the file DISK_LOG: what is written where, what is made, renamed and removed, and what is
 * synced. From that log tests/it/support/disk.rs makes up what a power failure would have left. The
 * file DISK_FAULTS, which both sides map, says what fails from when on.
 *
 * sync_file_range is not written down: it promises nothing after a power failure (man 2 sync_file_range).
 * Below a directory whose name begins with "trial-copy" nothing is watched.
 *
 * A record is: kind (1 byte), inode (8), offset (8), length (4), and so many bytes, numbers in the
 * machine's order. One lock is held over each act and its record, so that their orders agree. */

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define WATCHED 4096
#define SHARED __attribute__((visibility("default")))
#define REAL(name) ((__typeof__(&name))real(#name))

/* What the test sets: bytes that still fit (negative: as many as there are), whether syncs fail, whether
 * they hang; and what it reads: how often something failed or hung for it. */
struct faults {
	_Atomic int64_t room;
	_Atomic int64_t sync_fails;
	_Atomic int64_t failed;
	_Atomic int64_t sync_hangs;
};

static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static const char *root;
static int log_file = -1;
static struct faults *faults;
static ino_t watched[WATCHED];
static size_t watched_count;

static void *real(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

static void give_up(const char *why)
{
	(void)!REAL(write)(2, why, strlen(why));
	abort();
}

__attribute__((constructor)) static void begin(void)
{
	const char *log_path = getenv("DISK_LOG"), *faults_path = getenv("DISK_FAULTS");
	root = getenv("DISK_ROOT");
	if (!root || !log_path || !faults_path)
		return;
	log_file = REAL(open)(log_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	int file = REAL(open)(faults_path, O_RDWR | O_CLOEXEC);
	faults = mmap(NULL, sizeof *faults, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (log_file < 0 || faults == MAP_FAILED)
		give_up("disk: the log or the faults cannot be opened\n");
	close(file);
}

/* The path below the root, or NULL. */
static const char *below(int directory, const char *path, char *buffer)
{
	size_t length = root ? strlen(root) : 0;
	if (log_file < 0 || !path || (path[0] != '/' && directory != AT_FDCWD))
		return NULL;
	if (path[0] != '/') {
		char here[PATH_MAX];
		if (!getcwd(here, sizeof here) || strlen(here) + strlen(path) + 2 > PATH_MAX)
			return NULL;
		strcpy(buffer, here);
		strcat(buffer, "/");
		strcat(buffer, path);
		path = buffer;
	}
	if (strncmp(path, root, length) != 0 || (path[length] != '/' && path[length] != 0))
		return NULL;
	const char *rest = path[length] ? path + length + 1 : path + length;
	return strstr(rest, "trial-copy") ? NULL : rest;
}

static void note(char kind, ino_t inode, int64_t offset, const void *bytes, size_t length)
{
	char head[21];
	uint64_t number = inode;
	uint32_t size = (uint32_t)length;
	memcpy(head, &kind, 1);
	memcpy(head + 1, &number, 8);
	memcpy(head + 9, &offset, 8);
	memcpy(head + 17, &size, 4);
	struct iovec parts[2] = {{head, sizeof head}, {(void *)bytes, length}};
	if (REAL(writev)(log_file, parts, 2) != (ssize_t)(sizeof head + length))
		give_up("disk: the log cannot be written\n");
}

static int is_watched(ino_t inode)
{
	for (size_t i = 0; i < watched_count; i++)
		if (watched[i] == inode)
			return 1;
	return 0;
}

static void watch(ino_t inode)
{
	if (is_watched(inode))
		return;
	if (watched_count == WATCHED)
		give_up("disk: too many files\n");
	watched[watched_count++] = inode;
}

static void forget(ino_t inode)
{
	for (size_t i = 0; i < watched_count; i++)
		if (watched[i] == inode)
			watched[i] = watched[--watched_count];
}

/* The inode of a watched file or directory, or 0; where it is a file, its size. */
static ino_t inode_of(int file, int64_t *size, int *is_directory)
{
	struct stat status;
	if (log_file < 0 || file == log_file || fstat(file, &status) != 0)
		return 0;
	if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
		return 0;
	if (size)
		*size = status.st_size;
	if (is_directory)
		*is_directory = S_ISDIR(status.st_mode);
	return is_watched(status.st_ino) ? status.st_ino : 0;
}

static int is_full(void)
{
	return atomic_load(&faults->room) == 0;
}

static int fails(int reason)
{
	atomic_fetch_add(&faults->failed, 1);
	errno = reason;
	return -1;
}

/* How many of so many bytes still fit, which are taken. */
static size_t take_room(size_t length)
{
	int64_t room = atomic_load(&faults->room);
	if (room < 0)
		return length;
	size_t taken = (size_t)room < length ? (size_t)room : length;
	atomic_store(&faults->room, room - (int64_t)taken);
	return taken;
}

static int opened(int directory, const char *path, int flags, mode_t mode, int (*open_it)(const char *, int, ...))
{
	char buffer[PATH_MAX];
	const char *name = below(directory, path, buffer);
	if (!name)
		return directory == AT_FDCWD ? open_it(path, flags, mode) : REAL(openat)(directory, path, flags, mode);
	pthread_mutex_lock(&lock);
	struct stat status;
	int is_new = (flags & O_CREAT) && stat(path, &status) != 0;
	int file = is_new && is_full() ? fails(ENOSPC) : open_it(path, flags, mode);
	if (file >= 0 && fstat(file, &status) == 0 && (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode))) {
		watch(status.st_ino);
		if (is_new)
			note('C', status.st_ino, 0, name, strlen(name));
		else if (flags & O_TRUNC)
			note('T', status.st_ino, 0, NULL, 0);
	}
	pthread_mutex_unlock(&lock);
	return file;
}

#define MODE_OF(flags, last) \
	mode_t mode = 0; \
	if ((flags) & (O_CREAT | O_TMPFILE)) { \
		va_list list; \
		va_start(list, last); \
		mode = va_arg(list, mode_t); \
		va_end(list); \
	}

SHARED int open(const char *path, int flags, ...)
{
	MODE_OF(flags, flags)
	return opened(AT_FDCWD, path, flags, mode, REAL(open));
}

SHARED int open64(const char *path, int flags, ...)
{
	MODE_OF(flags, flags)
	return opened(AT_FDCWD, path, flags, mode, REAL(open64));
}

SHARED int openat(int directory, const char *path, int flags, ...)
{
	MODE_OF(flags, flags)
	return opened(directory, path, flags, mode, REAL(open));
}

SHARED int openat64(int directory, const char *path, int flags, ...)
{
	MODE_OF(flags, flags)
	return opened(directory, path, flags, mode, REAL(open));
}

/* Writes at `at`, or where the file stands. */
static ssize_t written(int file, const void *bytes, size_t length, off_t at, int is_at)
{
	int64_t size = 0;
	pthread_mutex_lock(&lock);
	ino_t inode = inode_of(file, &size, NULL);
	if (!inode) {
		pthread_mutex_unlock(&lock);
		return is_at ? REAL(pwrite64)(file, bytes, length, at) : REAL(write)(file, bytes, length);
	}
	off_t offset = at;
	if (!is_at)
		offset = (fcntl(file, F_GETFL) & O_APPEND) ? size : lseek(file, 0, SEEK_CUR);
	size_t fits = take_room(length);
	ssize_t done = fits == 0 && length > 0 ? fails(ENOSPC)
		: is_at ? REAL(pwrite64)(file, bytes, fits, at) : REAL(write)(file, bytes, fits);
	if (done > 0)
		note('W', inode, offset, bytes, (size_t)done);
	pthread_mutex_unlock(&lock);
	return done;
}

SHARED ssize_t write(int file, const void *bytes, size_t length)
{
	return written(file, bytes, length, 0, 0);
}

SHARED ssize_t pwrite(int file, const void *bytes, size_t length, off_t at)
{
	return written(file, bytes, length, at, 1);
}

SHARED ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t at)
{
	return written(file, bytes, length, at, 1);
}

static ssize_t written_in_parts(int file, const struct iovec *parts, int count, off_t at, int is_at)
{
	if (!inode_of(file, NULL, NULL))
		return is_at ? REAL(pwritev)(file, parts, count, at) : REAL(writev)(file, parts, count);
	/* The first part only: callers go on with the rest. */
	for (int i = 0; i < count; i++)
		if (parts[i].iov_len > 0)
			return written(file, parts[i].iov_base, parts[i].iov_len, at, is_at);
	return 0;
}

SHARED ssize_t writev(int file, const struct iovec *parts, int count)
{
	return written_in_parts(file, parts, count, 0, 0);
}

SHARED ssize_t pwritev(int file, const struct iovec *parts, int count, off_t at)
{
	return written_in_parts(file, parts, count, at, 1);
}

SHARED ssize_t pwritev64(int file, const struct iovec *parts, int count, off64_t at)
{
	return written_in_parts(file, parts, count, at, 1);
}

/* What copies without writing is refused, so that whoever copies writes. */
SHARED ssize_t copy_file_range(int from, off64_t *from_at, int to, off64_t *to_at, size_t length, unsigned flags)
{
	if (!inode_of(to, NULL, NULL))
		return REAL(copy_file_range)(from, from_at, to, to_at, length, flags);
	errno = EXDEV;
	return -1;
}

SHARED ssize_t sendfile64(int to, int from, off64_t *at, size_t length)
{
	if (!inode_of(to, NULL, NULL))
		return ((ssize_t(*)(int, int, off64_t *, size_t))real("sendfile64"))(to, from, at, length);
	errno = EINVAL;
	return -1;
}

static int cut(int file, off_t length, int (*cut_it)(int, off_t))
{
	pthread_mutex_lock(&lock);
	ino_t inode = inode_of(file, NULL, NULL);
	int done = cut_it(file, length);
	if (inode && done == 0)
		note('T', inode, length, NULL, 0);
	pthread_mutex_unlock(&lock);
	return done;
}

SHARED int ftruncate(int file, off_t length)
{
	return cut(file, length, REAL(ftruncate));
}

SHARED int ftruncate64(int file, off64_t length)
{
	return cut(file, length, REAL(ftruncate64));
}

/* The entries of a directory, as "inode kind name" lines: renames by system calls of a program's own
 * are seen by it too. */
static void note_directory(int file, ino_t inode)
{
	static char list[1 << 16];
	size_t length = 0;
	int again = REAL(openat)(file, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = again < 0 ? NULL : fdopendir(again);
	if (!directory)
		give_up("disk: a directory cannot be read\n");
	for (struct dirent64 *entry; (entry = readdir64(directory));) {
		struct stat status;
		if (entry->d_name[0] == '.' && (!entry->d_name[1] || entry->d_name[1] == '.'))
			continue;
		if (fstatat(file, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		char digits[32], *digit = digits + sizeof digits;
		uint64_t rest = status.st_ino;
		do
			*--digit = (char)('0' + rest % 10);
		while (rest /= 10);
		size_t size = (size_t)(digits + sizeof digits - digit), name = strlen(entry->d_name);
		if (length + size + name + 4 > sizeof list)
			give_up("disk: a directory is too large\n");
		memcpy(list + length, digit, size);
		length += size;
		list[length++] = ' ';
		list[length++] = S_ISDIR(status.st_mode) ? 'd' : 'f';
		list[length++] = ' ';
		memcpy(list + length, entry->d_name, name);
		length += name;
		list[length++] = '\n';
	}
	closedir(directory);
	char link[64] = "/proc/self/fd/", path[PATH_MAX], number[16], *digit = number + sizeof number;
	*--digit = 0;
	do
		*--digit = (char)('0' + file % 10);
	while (file /= 10);
	strcat(link, digit);
	ssize_t size = readlink(link, path, sizeof path - 1);
	if (size < 0)
		give_up("disk: a directory has no name\n");
	path[size] = 0;
	char buffer[PATH_MAX];
	const char *name = below(AT_FDCWD, path, buffer);
	if (!name)
		return;
	note('N', inode, 0, name, strlen(name));
	note('D', inode, 0, list, length);
}

static int synced(int file, int (*sync_it)(int))
{
	int is_directory = 0;
	int hangs = faults && atomic_load(&faults->sync_hangs) && inode_of(file, NULL, NULL);
	if (hangs)
		atomic_fetch_add(&faults->failed, 1);
	while (hangs && atomic_load(&faults->sync_hangs))
		usleep(10000);
	pthread_mutex_lock(&lock);
	ino_t inode = inode_of(file, NULL, &is_directory);
	int done = inode && atomic_load(&faults->sync_fails) ? fails(EIO) : sync_it(file);
	if (inode && done == 0) {
		if (is_directory)
			note_directory(file, inode);
		else
			note('S', inode, 0, NULL, 0);
	}
	pthread_mutex_unlock(&lock);
	return done;
}

SHARED int fsync(int file)
{
	return synced(file, REAL(fsync));
}

SHARED int fdatasync(int file)
{
	return synced(file, REAL(fdatasync));
}

static int renamed(const char *from, const char *to)
{
	char one[PATH_MAX], other[PATH_MAX];
	const char *old = below(AT_FDCWD, from, one), *new = below(AT_FDCWD, to, other);
	if (!old || !new)
		return REAL(rename)(from, to);
	pthread_mutex_lock(&lock);
	struct stat status;
	int is_there = stat(from, &status) == 0;
	int done = REAL(rename)(from, to);
	if (done == 0 && is_there) {
		char names[2 * PATH_MAX];
		size_t length = strlen(old);
		memcpy(names, old, length);
		names[length++] = '\n';
		memcpy(names + length, new, strlen(new));
		note('R', status.st_ino, 0, names, length + strlen(new));
	}
	pthread_mutex_unlock(&lock);
	return done;
}

SHARED int rename(const char *from, const char *to)
{
	return renamed(from, to);
}

SHARED int unlink(const char *path)
{
	char buffer[PATH_MAX];
	const char *name = below(AT_FDCWD, path, buffer);
	if (!name)
		return REAL(unlink)(path);
	pthread_mutex_lock(&lock);
	struct stat status;
	int is_there = lstat(path, &status) == 0;
	int done = REAL(unlink)(path);
	if (done == 0 && is_there) {
		note('U', status.st_ino, 0, name, strlen(name));
		forget(status.st_ino);
	}
	pthread_mutex_unlock(&lock);
	return done;
}

SHARED int mkdir(const char *path, mode_t mode)
{
	char buffer[PATH_MAX];
	const char *name = below(AT_FDCWD, path, buffer);
	if (!name)
		return REAL(mkdir)(path, mode);
	pthread_mutex_lock(&lock);
	struct stat status;
	int done = is_full() ? fails(ENOSPC) : REAL(mkdir)(path, mode);
	if (done == 0 && stat(path, &status) == 0)
		note('M', status.st_ino, 0, name, strlen(name));
	pthread_mutex_unlock(&lock);
	return done;
}
