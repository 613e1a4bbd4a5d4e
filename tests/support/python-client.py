"""The official C++ client, moved by lines of JSON on stdin; answers and messages go to stdout."""

import base64
import json
import os
import sys
import threading

import mmh3
import pulsar
from pulsar.schema import AvroSchema, BytesSchema, JsonSchema, Long, Record, String, StringSchema


class Order(Record):
    id = String()
    total = Long()


def schema_of(given):
    if given is None:
        return BytesSchema()
    if given == 'string':
        return StringSchema()
    if given == 'order as json':
        return JsonSchema(Order)
    if given == 'order as avro':
        return AvroSchema(Order)
    return AvroSchema(None, given)


def value_of(schema, given):
    if isinstance(schema, (BytesSchema,)):
        return base64.b64decode(given)
    return Order(**given) if getattr(schema, '_record_cls', None) is Order else given


def plain(value):
    if isinstance(value, Record):
        return {name: getattr(value, name) for name in value._fields}
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def murmur3(message, partitions):
    return (mmh3.hash(message.partition_key(), signed=False) & 0x7FFFFFFF) % partitions


class Driver:
    def __init__(self, url, out):
        logger = pulsar.FileLogger(pulsar.LoggerLevel.Error, '/dev/stderr')
        self.client = pulsar.Client(url, logger=logger, operation_timeout_seconds=20)
        self.out = out
        self.lock = threading.Lock()
        self.producers = {}
        self.consumers = {}

    def tell(self, **line):
        with self.lock:
            self.out.write(json.dumps(line) + '\n')
            self.out.flush()

    def produce(self, id, topic, schema=None, compression='NONE', murmur=False, key_based=False, **options):
        batching = pulsar.BatchingType.KeyBased if key_based else pulsar.BatchingType.Default
        if murmur:
            options['message_router'] = murmur3
            options['message_routing_mode'] = pulsar.PartitionsRoutingMode.CustomPartition
        producer = self.client.create_producer(
            topic,
            schema=schema_of(schema),
            compression_type=getattr(pulsar.CompressionType, compression),
            batching_type=batching,
            **options,
        )
        self.producers[id] = producer

    def send(self, id, messages):
        producer = self.producers[id]
        failed = []

        def stored(result, _):
            if result != pulsar.Result.Ok:
                failed.append(str(result))

        for message in messages:
            value = value_of(producer._schema, message.pop('value'))
            producer.send_async(value, stored, **message)
        producer.flush()
        if failed:
            raise RuntimeError(', '.join(failed))

    def consume(self, id, topic, subscription, type, schema=None):
        def heard(consumer, message):
            try:
                value = plain(message.value())
            except Exception as error:
                return self.tell(consumer=id, error=repr(error))
            self.tell(
                consumer=id,
                message={
                    'value': value,
                    'key': message.partition_key(),
                    'properties': message.properties(),
                    'eventTime': message.event_timestamp(),
                    'partition': message.message_id().partition(),
                    'batchIndex': message.message_id().batch_index(),
                },
            )
            consumer.acknowledge(message)

        self.consumers[id] = self.client.subscribe(
            topic,
            subscription,
            consumer_type=getattr(pulsar.ConsumerType, type),
            schema=schema_of(schema),
            initial_position=pulsar.InitialPosition.Earliest,
            message_listener=heard,
        )

    def run(self, lines):
        for line in lines:
            asked = json.loads(line)
            call = asked.pop('call')
            try:
                getattr(self, asked.pop('do'))(**asked)
                self.tell(call=call)
            except Exception as error:
                self.tell(call=call, error=repr(error))
        self.client.close()


if __name__ == '__main__':
    # What the libraries print must not get among the answers.
    answers = os.fdopen(os.dup(1), 'w')
    os.dup2(2, 1)
    Driver(sys.argv[1], answers).run(sys.stdin)
