/* SPDX-License-Identifier: MIT */
/* Echo: Boost.Asio, one OS thread, callbacks, and the hint that lets it leave
 * out its locks. */

#include <memory>

#include <boost/asio.hpp>

#include "../server.h"

using boost::asio::ip::tcp;
using boost::system::error_code;

/* A connection: destroyed by its last callback. */
struct session : std::enable_shared_from_this<session> {
	explicit session(tcp::socket s) : socket(std::move(s)) { }

	void
	read()
	{
		auto self = shared_from_this();

		socket.async_read_some(boost::asio::buffer(data),
				       [self](error_code e, size_t n) {
					       if (!e)
						       self->write(n);
				       });
	}

	void
	write(size_t size)
	{
		auto self = shared_from_this();

		boost::asio::async_write(socket,
					 boost::asio::buffer(data, size),
					 [self](error_code e, size_t) {
						 if (!e)
							 self->read();
					 });
	}

	tcp::socket socket;
	char data[SERVER_BUFFER];
};

static void
serve(tcp::acceptor &acceptor)
{
	acceptor.async_accept([&acceptor](error_code e, tcp::socket s) {
		if (!e) {
			s.set_option(tcp::no_delay(true));
			std::make_shared<session>(std::move(s))->read();
		}
		serve(acceptor);
	});
}

int
main()
{
	boost::asio::io_context context(1);
	tcp::acceptor acceptor(context, tcp::v4(), server_listen("epoll"));

	serve(acceptor);
	context.run();
}
