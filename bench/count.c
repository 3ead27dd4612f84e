/* SPDX-License-Identifier: MIT */
/*
 * Counts the instructions that a program executes, one step at a time:
 *
 *	count PROGRAM [ARGUMENT...]
 *
 * prints the number; the program's stdout goes nowhere. Slow (about a million
 * instructions in three seconds), but the program takes the way that it takes
 * in life. Rejected: Valgrind, because libgreen knows that it is there and
 * then tells it about every stack. Linux only.
 */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void
run(char **argv)
{
	int fd = open("/dev/null", O_WRONLY);

	dup2(fd, 1);
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	execv(argv[0], argv);
	perror(argv[0]);
	_exit(127);
}

int
main(int argc, char **argv)
{
	unsigned long steps = 0;
	int status;
	pid_t pid;

	if (argc < 2) {
		fprintf(stderr, "usage: count PROGRAM [ARGUMENT...]\n");
		return 2;
	}
	pid = fork();
	if (pid == 0)
		run(argv + 1);
	while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
		if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) < 0)
			break;
		steps++;
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		fprintf(stderr, "%s did not end well\n", argv[1]);
		return 1;
	}
	printf("%lu\n", steps);
	return 0;
}
