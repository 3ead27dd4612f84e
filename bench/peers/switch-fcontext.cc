/* SPDX-License-Identifier: MIT */
/* Raw switches: Boost.Context's fcontext, the assembly below its classes. */

#include <boost/context/detail/fcontext.hpp>

namespace ctx = boost::context::detail;

struct flow {
	ctx::fcontext_t other;
};

static inline void
hop(struct flow *f)
{
	f->other = ctx::jump_fcontext(f->other, nullptr).fctx;
}

#include "../switch.h"

static char stack[65536] __attribute__((aligned(16)));

static void
entry(ctx::transfer_t from)
{
	struct flow f = { from.fctx };

	switch_other(&f);
}

static void
make(struct flow *here)
{
	here->other = ctx::make_fcontext(stack + sizeof(stack), sizeof(stack),
					 entry);
}

int
main(int argc, char **argv)
{
	return switch_main("fcontext", argc, argv, make);
}
