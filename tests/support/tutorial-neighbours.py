"""The tutorial's other services, in its own style: `notificaciones`, `bff` and `comando`.

Everything that is read is printed as a line of JSON."""

import json
import sys
import urllib.request

import pulsar
from fastavro.schema import parse_schema
from pulsar.schema import AvroSchema, Long, Record, String


class Mensaje(Record):
    id = String(default='1')
    time = Long()
    ingestion = Long(default=1)
    specversion = String()
    type = String()
    datacontenttype = String()
    service_name = String()


class ReservaCreadaPayload(Record):
    id_reserva = String()
    id_cliente = String()
    estado = String()
    fecha_creacion = Long()


class EventoReservaCreada(Mensaje):
    data = ReservaCreadaPayload()


class ComandoCrearReservaPayload(Mensaje):
    id_usuario = String()


class ComandoCrearReserva(Mensaje):
    data = ComandoCrearReservaPayload()


def say(what):
    print(json.dumps(what), flush=True)


def fields(data):
    return data if isinstance(data, dict) else {name: getattr(data, name) for name in data._fields}


def listen(client, subscription, schema):
    consumer = client.subscribe(
        'eventos-reserva',
        consumer_type=pulsar.ConsumerType.Shared,
        subscription_name=subscription,
        schema=schema,
    )
    say('listening')
    while True:
        msg = consumer.receive()
        value = msg.value()
        data = value['data'] if isinstance(value, dict) else value.data
        say({'data': fields(data), 'properties': msg.properties()})
        consumer.acknowledge(msg)


def notificaciones(client, subscription):
    listen(client, subscription, AvroSchema(EventoReservaCreada))


def bff(client, subscription, admin):
    path = '/admin/v2/schemas/public/default/eventos-reserva/schema'
    with urllib.request.urlopen(admin + path) as answer:
        definition = json.loads(json.load(answer)['data'])
    listen(client, subscription, AvroSchema(None, schema_definition=parse_schema(definition)))


def comando(client, id_usuario):
    producer = client.create_producer('comandos-reserva', schema=AvroSchema(ComandoCrearReserva))
    producer.send(ComandoCrearReserva(data=ComandoCrearReservaPayload(id_usuario=id_usuario)))
    client.close()


service, url, *rest = sys.argv[1:]
quiet = pulsar.ConsoleLogger(pulsar.LoggerLevel.Error)
{'notificaciones': notificaciones, 'bff': bff, 'comando': comando}[service](
    pulsar.Client(url, logger=quiet), *rest
)
