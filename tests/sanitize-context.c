/* SPDX-License-Identifier: MIT */
/*
 * For check-context-sanitizers.sh, which compiles this with a sanitizer and
 * links it with the library as it is. The argument chooses: "clean" does
 * everything that a correct program may do with contexts and must run in
 * silence; each other one makes one mistake, which the tool must find.
 */

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <green/context.h>

#define SIZE (256 * 1024)
#define noinline __attribute__((noinline))

static struct green_context main_flow, ctx;
static char stack[SIZE];
static volatile int sink;
static int shared;

/* Arrays that the sanitizer puts marks around, at some depth. */
noinline static int
use_stack(int depth)
{
	char local[100];

	memset(local, depth, sizeof(local));
	sink += local[depth % 100];
	return depth > 0 ? use_stack(depth - 1) + local[1] : 0;
}

static void *
back_and_forth(void *value)
{
	char local[64];

	while (value) {
		snprintf(local, sizeof(local), "%p", value);
		sink += use_stack(20);
		value = green_context_switch(&ctx, &main_flow, local);
		sink += (int)strlen(local);
	}
	return NULL;
}

/* Switches with a zero struct of its own, not with the one it was made of. */
static void *
own_struct(void *value)
{
	struct green_context here = GREEN_CONTEXT_INIT;

	use_stack(3);
	*(struct green_context **)value = &here;
	green_context_switch(&here, &main_flow, NULL);
	use_stack(3);
	return NULL;
}

static void *
fn_on_target(void *value)
{
	use_stack(5);
	return value;
}

/* Leaves frames with marks behind. */
noinline static void *
leave_for_good(void *value)
{
	char local[200];

	memset(local, 1, sizeof(local));
	sink += use_stack(3);
	if (value == stack)
		green_context_jump(&main_flow, local + 1);
	green_context_switch(&ctx, &main_flow, local);
	return NULL;
}

static void
reuse_memory(void)
{
	green_context_fini(&ctx);
	memset(stack, 7, sizeof(stack));
	for (size_t i = 0; i < sizeof(stack); i++)
		sink += stack[i];
}

static void
all_calls(unsigned flags)
{
	struct green_context *theirs;

	green_context_init(&ctx, stack, SIZE, flags, back_and_forth,
			   &main_flow);
	for (int i = 0; i < 10; i++) {
		green_context_switch(&main_flow, &ctx, stack);
		use_stack(5);
		green_context_switch_with(&main_flow, &ctx, fn_on_target,
					  stack);
	}
	green_context_switch(&main_flow, &ctx, NULL);
	reuse_memory();

	green_context_init(&ctx, stack, SIZE, flags, own_struct, &main_flow);
	green_context_switch(&main_flow, &ctx, &theirs);
	green_context_switch(&main_flow, theirs, NULL);
	reuse_memory();

	green_context_init(&ctx, stack, SIZE, flags, leave_for_good, NULL);
	green_context_switch(&main_flow, &ctx, stack); /* jumps away */
	reuse_memory();
	green_context_init(&ctx, stack, SIZE, flags, leave_for_good, NULL);
	green_context_switch(&main_flow, &ctx, NULL); /* is abandoned */
	reuse_memory();
	green_context_init(&ctx, stack, SIZE, flags, leave_for_good, NULL);
	reuse_memory(); /* never ran */
}

static void *
same_in_a_thread(void *arg)
{
	all_calls(0);
	return arg;
}

/* The only pointer to some memory is on a mapped stack. */
static void *
hold_memory(void *value)
{
	char *volatile held = malloc(100);

	green_context_switch(&ctx, &main_flow, value);
	free(held);
	return NULL;
}

static void
clean(void)
{
	pthread_t thread;
	char *mapped;

	all_calls(0);
	all_calls(GREEN_CONTEXT_FP);
	pthread_create(&thread, NULL, same_in_a_thread, NULL);
	pthread_join(thread, NULL);
	all_calls(0); /* the structs were those of another thread */

	mapped = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mapped == MAP_FAILED)
		exit(3);
	green_context_init(&ctx, mapped, SIZE, 0, hold_memory, NULL);
	green_context_switch(&main_flow, &ctx, NULL);
	mapped = NULL;
}

static void *
overflow_heap(void *value)
{
	volatile char *p = malloc(40);

	p[40 + (sink & 1)] = 1;
	free((void *)p);
	return value;
}

static void *
overflow_stack(void *value)
{
	volatile char local[40];

	for (int i = 0; i <= 40; i++)
		local[i + (sink & 1)] = 1;
	return value;
}

noinline static char *
hand_out_local(void)
{
	char local[40];
	char *volatile p = local;

	memset(local, 1, sizeof(local));
	return p;
}

static void *
use_after_return(void *value)
{
	sink = *hand_out_local();
	return value;
}

static void *
use_undefined(void *value)
{
	int *p = malloc(sizeof(*p));

	(void)value;
	if (*p == 7)
		sink++;
	free(p);
	return NULL;
}

static void
wait_until(atomic_int *n, int value)
{
	while (atomic_load_explicit(n, memory_order_relaxed) < value)
		sched_yield();
}

/* One after the other, because ThreadSanitizer can miss two accesses at the
 * very same time; and both contexts are alive until both have written, because
 * what it knows of an access goes with the context. All that is relaxed, so
 * nothing orders the two. */
static void *
write_shared(void *value)
{
	static atomic_int came, written;

	wait_until(&written,
		   atomic_fetch_add_explicit(&came, 1, memory_order_relaxed));
	shared++;
	atomic_fetch_add_explicit(&written, 1, memory_order_relaxed);
	wait_until(&written, 2);
	return value;
}

static void *
race(void *arg)
{
	struct green_context here = GREEN_CONTEXT_INIT, own;
	char *memory = malloc(SIZE);

	green_context_init(&own, memory, SIZE, 0, write_shared, &here);
	green_context_switch(&here, &own, NULL);
	free(memory);
	return arg;
}

static const struct {
	const char *name;
	green_context_fn fn;
} mistakes[] = {
	{ "heap", overflow_heap },
	{ "stack", overflow_stack },
	{ "return", use_after_return },
	{ "undefined", use_undefined },
};

static int
mistake(const char *which)
{
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(*mistakes); i++) {
		if (strcmp(mistakes[i].name, which) != 0)
			continue;
		green_context_init(&ctx, stack, SIZE, 0, mistakes[i].fn,
				   &main_flow);
		green_context_switch(&main_flow, &ctx, NULL);
		return 0;
	}
	return 2;
}

int
main(int argc, char **argv)
{
	pthread_t thread[2];

	if (argc < 2 || !strcmp(argv[1], "clean")) {
		clean();
	} else if (!strcmp(argv[1], "race")) {
		for (int i = 0; i < 2; i++)
			pthread_create(&thread[i], NULL, race, NULL);
		for (int i = 0; i < 2; i++)
			pthread_join(thread[i], NULL);
	} else {
		return mistake(argv[1]);
	}
	return 0;
}
