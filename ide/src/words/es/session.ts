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
  timeIsUp: "se acabó el tiempo",

  stop: "Detener la máquina",
  stopTitle: "¿Detener tu máquina?",
  stopMore:
    "Lo que esté en marcha en sus terminales termina. Tus archivos se conservan, y puedes iniciar otra cuando quieras.",
  keepRunning: "Dejarla en marcha",
  stopIt: "Detenerla",

  ended: {
    asked: "Tu máquina se detuvo, como pediste.",
    idle: "Hacía un rato que no había nadie, así que guardamos tu máquina.",
    time_limit: "Tu máquina ha llegado a su límite de tiempo.",
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
