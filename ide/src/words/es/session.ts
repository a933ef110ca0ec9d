import type { Words } from "../words";

export const session: Words["session"] = {
  stopped: "tu máquina está detenida",
  connecting: "conectando…",
  asking: "pidiendo una máquina…",
  offline: "sin conexión",
  reconnectingIn: seconds => `reconectando en ${seconds} s`,
  queued: "esperando una máquina libre",
  starting: "iniciando tu máquina…",
  connected: "conectado",
  loading: "cargando…",
  cut: "Se ha cortado la conexión con tu máquina.",
  tryNow: "Intentar ahora",
  left: duration => `aún ${duration}`,
  keptFor: duration => `se guarda ${duration}`,
  timeIsUp: "se acabó el tiempo",

  memory: (used, limit) => `contenedor ${used} de ${limit} MB`,
  memoryShort: (used, limit) => `${used}/${limit} MB`,
  cpu: percent => `CPU ${percent} %`,
  nearlyFull: "memoria casi llena",
  nearlyFullMore:
    "La memoria de tu máquina está casi llena. Cuando se llene, uno de tus programas terminará. Detén lo que no necesites.",

  limitNear: "Tu máquina se detiene en menos de dos minutos, porque se acaba su tiempo.",
  limitNearMore: "Tus archivos se conservan; lo que esté en marcha en sus terminales termina.",
  noExtension: "Ya se alargó todo lo posible. Después, inicia otra con los mismos archivos.",
  idleNear: "Esta página no está conectada. En menos de dos minutos guardamos tu máquina, porque no hay nadie.",
  idleNearMore: "Tus archivos se conservan.",
  extend: duration => `Alargar ${duration}`,
  extended: duration => `Tu máquina se queda ${duration} más.`,
  notExtended: why => `No se alargó: ${why}`,

  stop: "Detener la máquina",
  stopShort: "Detener",
  stopTitle: "¿Detener tu máquina?",
  stopMore:
    "Lo que esté en marcha en sus terminales termina. Tus archivos se conservan, y puedes iniciar otra cuando quieras.",
  keepRunning: "Dejarla en marcha",
  stopIt: "Detenerla",

  ended: {
    asked: "Tu máquina se detuvo, como pediste.",
    idle: "Ninguna página tuya estuvo conectada durante un rato, así que guardamos tu máquina.",
    time_limit: "Tu máquina ha llegado a su límite de tiempo y la guardamos.",
    host_fault: "No pudimos iniciar tu máquina. Es culpa nuestra; inténtalo de nuevo.",
  },
  died: detail => `Tu máquina dejó de funcionar: ${detail}`,
  filesKept: "Tus archivos se conservan.",
  startAgain: "Iniciar otra",
  stoppedNotice: "Tu máquina está detenida. Tus archivos se conservan.",
  none: why => `Todavía no hay máquina: ${why}`,
  notYours: "Esta máquina no es tuya.",
  renewed: "Gradus se ha renovado entretanto. Vuelve a cargar la página para seguir; tus archivos se conservan.",
  loadAgain: "Volver a cargar",
};
