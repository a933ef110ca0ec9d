import type { Words } from "../words";
import { format } from "./format";

const TESTS = { one: "prueba", other: "pruebas" };
const { counted, plural } = format;

export const results: Words["results"] = {
  allPass: count => (count === 1 ? "La prueba pasa." : `Las ${count} pruebas pasan.`),
  somePass: (passed, of) => `${plural(passed, { one: "Pasa", other: "Pasan" })} ${passed} de ${counted(of, TESTS)}.`,
  firstFails: name => `La primera que falla es «${name}».`,
  firstBreaks: name => `La primera que se interrumpe con un error es «${name}».`,
  firstMissing: name => `La primera que falta es «${name}»: la ejecución terminó antes de llegar a ella.`,
  hiddenSaysNothing: "Es una prueba oculta, así que no dice por qué.",
  noneRun: "No se ejecutó ninguna prueba y la ejecución no terminó bien.",
  allPassButEndedBadly: "Todas las pruebas pasan, pero la ejecución no terminó bien.",
  notCountedAsPassed: "Así no cuenta como superada.",
  doesNotBuild: "Tu programa no compila.",
  doesNotBuildMore: "Por eso no se pudo ejecutar ninguna prueba. Abajo está lo que dijo el compilador.",
  crashedSignal: signal => `La ejecución terminó antes que las pruebas: ${signal}.`,
  crashedCode: code => `La ejecución terminó con el código ${code} antes que las pruebas.`,
  crashedStopped: "Detuviste la ejecución antes de que terminaran las pruebas.",
  crashed: "La ejecución terminó antes que las pruebas.",
  somePassedByThen: (passed, of) =>
    `Hasta ese momento ${plural(passed, { one: "había", other: "habían" })} pasado ${passed} de ${counted(of, TESTS)}.`,
  timedOut: limit => `Tu programa seguía en marcha después de ${limit}, así que lo detuvimos.`,
  timedOutMore: "¿Hay algún bucle que no termina?",
  outOfMemory: limit => `Tu programa necesitaba más de ${limit} de memoria, así que se detuvo.`,
  outOfMemoryMore: "¿Hay algo que crece sin fin?",
  outputLimit: limit => `Tu programa escribió más de ${limit}, así que lo detuvimos.`,
  outputLimitMore: "¿Hay algún bucle que escribe sin fin?",
  whatItMayUse: "lo permitido",

  signals: {
    2: "se interrumpió",
    4: "ejecutó una instrucción no válida",
    6: "se dio por vencido (abort)",
    8: "dividió entre cero o algo parecido",
    9: "se terminó a la fuerza",
    11: "tocó memoria que no es suya (segmentation fault)",
    15: "se le pidió que terminara",
  },
  otherSignal: signal => `lo terminó la señal ${signal}`,
  endedWithCode: code => `Terminó con el código ${code}.`,
  endedBySignal: signal => `Terminó: ${signal}.`,
  wasStopped: "Se detuvo.",
  wentOver: limit => `Superó ${limit}.`,

  afterPassing: "Esto era un ensayo; entrégalo para que cuente.",
  handingInRuns: hidden =>
    `Al entregar se ${plural(hidden, { one: "ejecuta", other: "ejecutan" })} ${counted(hidden, { one: "prueba", other: "pruebas" })} más.`,

  status: {
    passed: "pasa",
    failed: "falla",
    errored: "error",
    skipped: "omitida",
    missing: "sin ejecutar",
  },
  hidden: "oculta",
  tests: "Pruebas",
  expected: "Se esperaba",
  got: "Se obtuvo",
  programPrinted: "Lo que escribió tu programa",
  runPrinted: "Lo que escribió la ejecución",
  buildSaid: "Lo que dijo el compilador",
  firstNotShown: size => `No se muestran los primeros ${size}.`,
  beginningNotShown: "No se muestra el principio.",

  noRun: visible =>
    `Ejecuta ${plural(visible, { one: "la prueba", other: `las ${visible} pruebas` })} de abajo cuantas veces quieras: es un ensayo y no cuenta. Abre una prueba para leer lo que pide.`,
  testsToRead: "Pruebas que puedes leer",
  hiddenTests: hidden =>
    `Al entregar se ${plural(hidden, { one: "ejecuta", other: "ejecutan" })} ${counted(hidden, { one: "prueba más, que queda oculta", other: "pruebas más, que quedan ocultas" })}.`,
  readTest: (path, line) => `Leer esta prueba: ${path}, línea ${line}`,
  openAt: (path, line) => `Abrir ${path} en la línea ${line}`,
  trust: {
    isolated: "Las pruebas se ejecutaron en una máquina propia, fuera del alcance de tu programa.",
    in_process: "Las pruebas se ejecutaron en la misma máquina que tu programa.",
  },
  runInYourMachine: "Ejecución en tu máquina",
  didNotRunToTheEnd: "Las pruebas no llegaron hasta el final.",
  savingFiles: "Guardando tus archivos…",
  waitingForMachine: "Esperando tu máquina; las pruebas empiezan en cuanto esté lista.",
  startingTests: "Iniciando las pruebas…",
  running: "Ejecutando…",
  runningDone: (done, of) => `Ejecutando… ${done} de ${of} terminadas.`,
  notSavedForRun:
    "Tus últimos cambios no están guardados, así que se probaría un texto anterior. Mira el aviso de arriba.",
  lostSight:
    "Se cortó la conexión y la ejecución terminó entretanto. Vuelve a ejecutar las pruebas para ver el resultado.",
  machineGone: "Tu máquina se detuvo mientras se ejecutaban las pruebas. Vuelve a ejecutarlas cuando haya otra.",

  handedIn: "Entregado",
  yourHandIn: "Tu entrega:",
  notHandedIn: "Esto no se ha entregado.",
  notSavedForHandIn: "Tus últimos cambios no están guardados y no se entregarían. Mira el aviso de arriba.",
  way: { saving: "guardando", saved: "guardado", queued: "en cola", running: "en marcha", graded: "calificado" },
  noAnswerRetrying: "el servidor no responde, lo intentamos de nuevo",
  queuedNext: "en cola, el siguiente",
  queuedAt: place => `en cola, puesto ${place}`,
  runningAgain: "en marcha, otra vez",
  triedAgain:
    "Nuestro servidor no pudo terminar de evaluarlo. Es culpa nuestra y no contó; lo intentamos otra vez y no tienes que hacer nada.",
  outcome: {
    passed: "superado",
    compile_error: "no compila",
    crashed: "terminó antes de tiempo",
    timed_out: "tardó demasiado",
    out_of_memory: "sin memoria",
    output_limit: "escribió demasiado",
  },
  passOf: (passed, of) => `${plural(passed, { one: "pasa", other: "pasan" })} ${passed} de ${of}`,
  lessonBroken: "lección defectuosa, no contó",
  notGraded: "sin calificar, no contó",
  lessonFault: "Las pruebas de esta lección están mal.",
  lessonFaultMore: {
    no_report: "Se ejecutaron, pero no dijeron nada sobre tu trabajo.",
    bad_report: "Se ejecutaron, pero no se entiende lo que dijeron.",
    unusable: "No se pudieron iniciar.",
  },
  lessonFaultWhose: "Le toca arreglarlo a quien escribió la lección, y ya tiene el aviso. No contó.",
  couldNotGrade: "No pudimos calificar esto.",
  couldNotGradeMore: "No contó, y tu trabajo está a salvo. Vuelve a entregarlo cuando quieras.",

  noHandIns: "Aquí aparece lo que entregas, con su resultado. Pulsa «Entregar» cuando creas que está bien.",
  handIns: "Entregas",

  nextLesson: "Siguiente lección",
  lastOfCourse: course => `Esa era la última lección de ${course}.`,
};
