"""What carries messages between RabbitMQ and the database."""
