//! The sentences, in English and Spanish.

use super::Trouble;

pub(super) struct Words {
    pub(super) language: &'static str,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) waiting: &'static str,
}

pub(super) fn of(trouble: Trouble, spanish: bool) -> Words {
    let (title, text) = if spanish { es(trouble) } else { en(trouble) };
    Words {
        language: if spanish { "es" } else { "en" },
        title,
        text: text.to_owned(),
        waiting: if spanish {
            "Esta página se abre sola en cuanto tu servidor responda."
        } else {
            "This page opens by itself as soon as your server answers."
        },
    }
}

fn en(trouble: Trouble) -> (String, &'static str) {
    let (title, text) = match trouble {
        Trouble::NothingHere => {
            ("There is no preview at this address", "Open it from its lesson: Preview, beside the terminals.")
        }
        Trouble::NotLetIn => (
            "This preview is not open in this browser",
            "It is for the learner whose machine it shows, as long as they are logged in and the machine runs. Go back \
             to the lesson and press Reload in its preview. If that brings you here again, this browser keeps cookies \
             from embedded pages: use “Open in a new tab” there.",
        ),
        Trouble::NoContainer => (
            "Your machine is not running yet",
            "It is being started, or stopped a while ago. The lesson says which.",
        ),
        Trouble::NothingListens { port } => {
            return (
                format!("Nothing is listening on port {port} yet"),
                "Start your server in the terminal. If it runs already, look at which port it listens on.",
            );
        }
        Trouble::NotHttp { port } => {
            return (
                format!("Port {port} answers, but not with HTTP"),
                "Your program took the connection and closed it, or sent something else than an HTTP answer. The \
                 terminal in which it runs may show why. Then press Reload.",
            );
        }
        Trouble::Silent { port } => {
            return (
                format!("Your server on port {port} took too long"),
                "It took the request and has not answered for a minute. Is it waiting for something, or still busy with \
                 another request? Then press Reload.",
            );
        }
        Trouble::TooMany => (
            "Too many connections to your machine at once",
            "Close other tabs of this preview, or end connections that your page holds open. Then press Reload.",
        ),
        Trouble::HeadTooLarge => (
            "The request is too large",
            "Its headers, cookies among them, are larger than a preview takes. Set fewer or shorter cookies.",
        ),
        Trouble::NotAllowed => ("This cannot be asked of a preview", "Use another method."),
        Trouble::Ours => ("This is our fault", "Something broke on our side. Press Reload in a moment."),
    };
    (title.to_owned(), text)
}

fn es(trouble: Trouble) -> (String, &'static str) {
    let (title, text) = match trouble {
        Trouble::NothingHere => (
            "No hay ninguna vista previa en esta dirección",
            "Ábrela desde su lección: Vista previa, junto a las terminales.",
        ),
        Trouble::NotLetIn => (
            "Esta vista previa no está abierta en este navegador",
            "Es para la persona cuya máquina muestra, mientras tenga la sesión iniciada y la máquina funcione. Vuelve a \
             la lección y pulsa Recargar en su vista previa. Si vuelves a llegar aquí, este navegador no acepta cookies \
             de páginas incrustadas: usa «Abrir en otra pestaña».",
        ),
        Trouble::NoContainer => (
            "Tu máquina todavía no está en marcha",
            "Se está iniciando, o se detuvo hace un rato. La lección dice cuál de las dos.",
        ),
        Trouble::NothingListens { port } => {
            return (
                format!("Todavía nadie escucha en el puerto {port}"),
                "Inicia tu servidor en la terminal. Si ya funciona, mira en qué puerto escucha.",
            );
        }
        Trouble::NotHttp { port } => {
            return (
                format!("El puerto {port} responde, pero no con HTTP"),
                "Tu programa aceptó la conexión y la cerró, o envió algo que no es una respuesta HTTP. La terminal en la \
                 que se ejecuta puede decir por qué. Después, pulsa Recargar.",
            );
        }
        Trouble::Silent { port } => {
            return (
                format!("Tu servidor en el puerto {port} tarda demasiado"),
                "Aceptó la petición y lleva un minuto sin responder. ¿Espera algo, o sigue ocupado con otra petición? \
                 Después, pulsa Recargar.",
            );
        }
        Trouble::TooMany => (
            "Demasiadas conexiones a la vez con tu máquina",
            "Cierra otras pestañas de esta vista previa, o las conexiones que tu página mantiene abiertas. Después, \
             pulsa Recargar.",
        ),
        Trouble::HeadTooLarge => (
            "La petición es demasiado grande",
            "Sus cabeceras, cookies incluidas, superan lo que admite una vista previa. Usa menos cookies o más cortas.",
        ),
        Trouble::NotAllowed => ("Esto no se puede pedir a una vista previa", "Usa otro método."),
        Trouble::Ours => {
            ("El fallo es nuestro", "Algo se rompió por nuestra parte. Pulsa Recargar dentro de un momento.")
        }
    };
    (title.to_owned(), text)
}
