import type { Words } from "../words";

export const login: Words["login"] = {
  title: "Entrar",
  lead: "Practica en una máquina de verdad, solo para ti.",
  name: "Nombre",
  password: "Contraseña",
  submit: "Entrar",
  busy: "Entrando…",
  wrong: "Este nombre y esta contraseña no van juntos. Revísalos e inténtalo de nuevo.",
  again: "Vuelve a entrar",
  againMore: "Tu sesión se ha cerrado. Aquí no se ha perdido nada; entra para seguir.",
};
