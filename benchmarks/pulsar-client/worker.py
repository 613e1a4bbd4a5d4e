"""The C++ client, through Python, as a contestant: worker.py <service URL>. Tasks as in tasks.ts."""

import json
import logging
import resource
import struct
import sys
import threading
import time

import pulsar

PAYLOAD = b"x" * 250
KEYS = [f"key-{at}" for at in range(500)]
BATCHING = {
    "default": {"batching_enabled": True},
    "key": {"batching_enabled": True, "batching_type": pulsar.BatchingType.KeyBased},
    "none": {"batching_enabled": False},
}
TYPES = {"Shared": pulsar.ConsumerType.Shared, "KeyShared": pulsar.ConsumerType.KeyShared}


def measured(work):
    """Rate and CPU of `work`, which answers how many messages it handled."""
    cpu, began = time.process_time(), time.perf_counter()
    messages = work()
    seconds = time.perf_counter() - began
    return {
        "perSecond": messages / seconds,
        "cpuMicros": (time.process_time() - cpu) * 1e6 / messages,
    }


def producer_of(client, topic, options):
    return client.create_producer(
        topic, max_pending_messages=10_000, block_if_queue_full=True, **options
    )


def flood(producer, batching, go_on):
    """As fast as the broker takes it, with a callback a message and at most 8,000 of them open."""
    room = threading.Semaphore(8_000)
    failures = []

    def stored(result, _id):
        if result != pulsar.Result.Ok:
            failures.append(result)
        room.release()

    sent = 0
    while go_on(sent):
        room.acquire()
        if batching == "default":
            producer.send_async(PAYLOAD, stored)
        else:
            producer.send_async(PAYLOAD, stored, partition_key=KEYS[sent % 500])
        sent += 1
    producer.flush()
    if failures:
        raise RuntimeError(str(failures[0]))
    return sent


def during(seconds):
    end = time.perf_counter() + seconds
    return lambda _sent: time.perf_counter() < end


def produce(client, task):
    batching = task["batching"]
    producer = producer_of(client, task["topic"], BATCHING[batching])
    flood(producer, batching, during(0.5))
    worked = measured(lambda: flood(producer, batching, during(task["seconds"])))
    producer.close()
    return worked


def pace(rate, seconds, send):
    began = time.perf_counter()
    count = int(rate * seconds)
    sent = 0
    while sent < count:
        due = min((time.perf_counter() - began) * rate, count)
        while sent < due:
            send()
            sent += 1
        time.sleep(0.001)
    return count


def with_latencies(worked, latencies):
    ordered = sorted(latencies)
    at = lambda share: ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1e3
    return {**worked, "p50": at(0.5), "p99": at(0.99)}


def paced(client, task):
    linger = task["lingerMs"]
    batched = {"batching_enabled": True, "batching_max_publish_delay_ms": linger}
    options = batched if linger > 0 else {"batching_enabled": False}
    producer = producer_of(client, task["topic"], options)
    latencies = []

    def send():
        at = time.perf_counter()
        producer.send_async(PAYLOAD, lambda _r, _i: latencies.append(time.perf_counter() - at))

    pace(task["rate"], 0.5, send)
    producer.flush()
    latencies.clear()

    def work():
        count = pace(task["rate"], task["seconds"], send)
        producer.flush()
        return count

    worked = measured(work)
    producer.close()
    return with_latencies(worked, latencies)


def consume(client, task):
    consumer = client.subscribe(
        task["topic"], task["subscription"], consumer_type=TYPES[task["type"]]
    )

    def work():
        for _ in range(task["count"]):
            consumer.acknowledge(consumer.receive(10_000))
        return task["count"]

    worked = measured(work)
    consumer.close()
    return worked


def end_to_end(client, task):
    topic, rate, seconds = task["topic"], task["rate"], task["seconds"]
    consumer = client.subscribe(topic, "e2e", consumer_type=TYPES["KeyShared"])
    producer = producer_of(client, topic, BATCHING["none"])
    warm_up = int(rate * 0.5)
    total = warm_up + int(rate * seconds)
    latencies = []

    def receiving():
        while len(latencies) < total:
            message = consumer.receive(10_000)
            latencies.append(time.perf_counter() - struct.unpack(">d", message.data()[:8])[0])
            consumer.acknowledge(message)

    thread = threading.Thread(target=receiving)
    thread.start()
    sent = 0

    def send():
        nonlocal sent
        data = struct.pack(">d", time.perf_counter()) + PAYLOAD[8:]
        producer.send_async(data, lambda _r, _i: None, partition_key=KEYS[sent % 500])
        sent += 1

    pace(rate, 0.5, send)
    worked = measured(lambda: pace(rate, seconds, send))
    thread.join()
    producer.close()
    consumer.close()
    return with_latencies(worked, latencies[warm_up:])


KINDS = {"produce": produce, "paced": paced, "consume": consume, "end-to-end": end_to_end}


def main():
    logger = logging.getLogger("pulsar")
    logger.setLevel(logging.ERROR)
    client = pulsar.Client(sys.argv[1], logger=logger)
    for line in sys.stdin:
        task = json.loads(line)
        outcome = KINDS[task["kind"]](client, task)
        outcome["memoryMiB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(outcome), flush=True)
    client.close()


main()
