// SPDX-License-Identifier: MIT
// Proves: each green thread has its own C++ exception state: one throws and
// catches while others yield inside their catch blocks, nested and rethrown;
// uncaught_exceptions() counts its own; an exception that leaves the entry
// function ends in std::terminate.

#include <exception>
#include <stdexcept>
#include <string>

#include <green.h>

// Last: its macros have short names.
#include "tap.h"

static int wrong;

static std::string
current()
{
	try {
		throw;
	} catch (const std::exception &e) {
		return e.what();
	}
}

static void
expect(const std::string &want)
{
	if (current() != want) {
		printf("# %s is not %s\n", current().c_str(), want.c_str());
		wrong++;
	}
}

// Yields in a destructor while an exception is on its way.
struct yields_while_unwinding {
	int before;
	explicit yields_while_unwinding(int n) : before(n)
	{
	}
	~yields_while_unwinding()
	{
		wrong += std::uncaught_exceptions() != before + 1;
		green_yield();
		wrong += std::uncaught_exceptions() != before + 1;
		try {
			throw std::runtime_error("inner");
		} catch (const std::exception &) {
			green_yield();
			expect("inner");
		}
		wrong += std::uncaught_exceptions() != before + 1;
	}
};

static void *
work(void *arg)
{
	std::string name = static_cast<const char *>(arg);

	for (int i = 0; i < 10; i++) {
		wrong += std::uncaught_exceptions() != 0;
		wrong += std::current_exception() != nullptr;
		try {
			yields_while_unwinding y(0);
			throw std::runtime_error(name);
		} catch (const std::exception &) {
			green_yield();
			expect(name);
			try {
				green_yield();
				throw std::logic_error(name + "'s nested");
			} catch (const std::exception &) {
				green_sleep_until(green_after(1));
				expect(name + "'s nested");
			}
			green_yield();
			expect(name);
		}
		green_yield();
	}
	return arg;
}

static void *
plain(void *arg)
{
	for (int i = 0; i < 60; i++) {
		wrong += std::uncaught_exceptions() != 0;
		wrong += std::current_exception() != nullptr;
		green_yield();
	}
	return arg;
}

static void *
rethrows(void *arg)
{
	try {
		try {
			throw std::runtime_error("first");
		} catch (...) {
			green_yield();
			throw;
		}
	} catch (const std::exception &e) {
		green_yield();
		wrong += std::string(e.what()) != "first";
	}
	return arg;
}

// Ends inside a catch block: the next thread begins without its state.
static void *
exits_in_catch(void *arg)
{
	try {
		throw 1;
	} catch (int) {
		green_exit(arg);
	}
}

static void *
begins(void *arg)
{
	wrong += std::uncaught_exceptions() != 0;
	wrong += std::current_exception() != nullptr;
	return arg;
}

// In a child: the exception is never freed.
static void
exits_in_catch_block(void *)
{
	green_t ids[2];

	green_spawn(&ids[0], nullptr, exits_in_catch, nullptr);
	green_spawn(&ids[1], nullptr, begins, nullptr);
	for (green_t id : ids)
		wrong += green_join(id, nullptr, GREEN_NEVER) != 0;
	begins(nullptr);
	_exit(wrong);
}

static void *
throws(void *)
{
	throw std::runtime_error("nobody catches this");
}

static void
dies_of_exception(void *)
{
	green_t id;

	std::set_terminate([] {
		static const char text[] = "terminated\n";

		if (write(2, text, sizeof(text) - 1) < 0)
			_exit(90);
		abort();
	});
	green_spawn(&id, nullptr, throws, nullptr);
	green_join(id, nullptr, GREEN_NEVER);
}

int
main()
{
	green_t ids[10];
	char names[5][2] = { "a", "b", "c", "d", "e" }, text[400];
	int status;

	for (int i = 0; i < 5; i++)
		green_spawn(&ids[i], nullptr, work, names[i]);
	green_spawn(&ids[5], nullptr, plain, nullptr);
	green_spawn(&ids[6], nullptr, rethrows, nullptr);
	green_spawn(&ids[7], nullptr, plain, nullptr);
	try {
		throw std::runtime_error("main");
	} catch (const std::exception &) {
		for (int i = 0; i < 8; i++)
			is(green_join(ids[i], nullptr, GREEN_NEVER), 0,
			   "join %d", i);
		expect("main");
	}
	is(wrong, 0, "wrong exceptions and counts");
	status = dies(exits_in_catch_block, nullptr, text, sizeof(text));
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 0,
	   "green_exit() in a catch block leaves nothing to others");
	status = dies(dies_of_exception, nullptr, text, sizeof(text));
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT,
	   "an exception that nobody catches");
	ok(strstr(text, "terminated"), "ends in std::terminate: %s", text);
	return tap_done();
}
