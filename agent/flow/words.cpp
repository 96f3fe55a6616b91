#include "agent/flow/words.h"

#include <algorithm>
#include <array>

namespace totpilot::flow::words {
namespace {

/// ASCII only; the words below are listed with the capitals of other letters where those can begin a word.
std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return result;
}

template <std::size_t N>
bool holds_any(std::string_view text, const std::array<std::string_view, N>& list) {
  const std::string folded = lower(text);
  return std::ranges::any_of(list, [&](std::string_view word) { return folded.find(word) != std::string::npos; });
}

}  // namespace

const std::vector<std::string>& bad_credentials() {
  static const std::vector<std::string> list = {
      "invalid user",
      "invalid login",
      "invalid email",
      "invalid password",
      "invalid credentials",
      "invalid username",
      "incorrect username",
      "incorrect password",
      "incorrect email",
      "incorrect login",
      "wrong password",
      "wrong user",
      "wrong email",
      "wrong credentials",
      "login failed",
      "sign in failed",
      "sign-in failed",
      "authentication failed",
      "bad credentials",
      "password is incorrect",
      "password is invalid",
      "did not match",
      "do not match",
      "couldn't sign you in",
      "ungültiger benutzer",
      "ungültige anmelde",
      "ungültiges passwort",
      "falsches passwort",
      "falsches kennwort",
      "anmeldung fehlgeschlagen",
      "passwort ist falsch",
      "kennwort ist falsch",
      "passwort falsch",
      "identifiant ou mot de passe",
      "mot de passe incorrect",
      "mot de passe invalide",
      "identifiants incorrects",
      "identifiants invalides",
      "échec de la connexion",
      "usuario o contraseña",
      "contraseña incorrecta",
      "contraseña no válida",
      "credenciales incorrectas",
      "credenciales no válidas",
      "error de inicio de sesión",
  };
  return list;
}

const std::vector<std::string>& locked_out() {
  static const std::vector<std::string> list = {
      "account is locked",
      "account has been locked",
      "account locked",
      "locked out",
      "account is suspended",
      "account suspended",
      "account has been suspended",
      "account is disabled",
      "account has been disabled",
      "temporarily locked",
      "konto ist gesperrt",
      "konto wurde gesperrt",
      "konto gesperrt",
      "konto ist deaktiviert",
      "vorübergehend gesperrt",
      "compte est bloqué",
      "compte a été bloqué",
      "compte est verrouillé",
      "compte verrouillé",
      "compte suspendu",
      "cuenta bloqueada",
      "cuenta está bloqueada",
      "cuenta ha sido bloqueada",
      "cuenta suspendida",
  };
  return list;
}

const std::vector<std::string>& rate_limited() {
  static const std::vector<std::string> list = {
      "too many requests",   "too many attempts",   "too many failed",     "too many login",
      "too many sign",       "too many tries",      "rate limit",          "try again later",
      "zu viele versuche",   "zu viele anfragen",   "zu viele anmelde",    "zu viele fehl",
      "später erneut",       "später noch einmal",  "trop de tentatives",  "trop de requêtes",
      "réessayez plus tard", "réessayer plus tard", "demasiados intentos", "demasiadas solicitudes",
      "inténtelo más tarde", "inténtalo más tarde",
  };
  return list;
}

const std::vector<std::string>& captcha() {
  static const std::vector<std::string> list = {
      "not a robot",
      "verify you are human",
      "verify that you are human",
      "confirm you are human",
      "security check to access",
      "kein roboter",
      "dass sie ein mensch",
      "pas un robot",
      "êtes humain",
      "no soy un robot",
      "que eres humano",
      "que es humano",
      "enter the characters",
      "type the characters",
  };
  return list;
}

const std::vector<std::string>& code_rejected() {
  static const std::vector<std::string> list = {
      "invalid code",
      "code is invalid",
      "incorrect code",
      "code is incorrect",
      "wrong code",
      "code is wrong",
      "code was incorrect",
      "code has expired",
      "code is expired",
      "invalid or outdated",
      "invalid or expired",
      "invalid token",
      "token is invalid",
      "invalid otp",
      "invalid one-time",
      "invalid verification",
      "incorrect verification",
      "verification failed",
      "failed to validate",
      "invalid two-factor",
      "invalid authentication code",
      "code did not match",
      "code does not match",
      "ungültiger code",
      "code ist ungültig",
      "falscher code",
      "code ist falsch",
      "code ist abgelaufen",
      "überprüfung fehlgeschlagen",
      "code invalide",
      "code incorrect",
      "code est invalide",
      "code est incorrect",
      "code expiré",
      "échec de la vérification",
      "código no válido",
      "código incorrecto",
      "código inválido",
      "código ha caducado",
      "error de verificación",
  };
  return list;
}

const std::vector<std::string>& reveals_key() {
  static const std::vector<std::string> list = {
      "can't scan",
      "can’t scan",
      "cannot scan",
      "unable to scan",
      "trouble scanning",
      "enter manually",
      "enter code manually",
      "enter the key",
      "enter key manually",
      "manual entry",
      "manual setup",
      "setup key",
      "set up manually",
      "show secret",
      "show key",
      "nicht scannen",
      "manuell eingeben",
      "schlüssel anzeigen",
      "impossible de scanner",
      "saisir manuellement",
      "saisie manuelle",
      "afficher la clé",
      "no puedo escanear",
      "no puede escanear",
      "introducir manualmente",
      "mostrar la clave",
  };
  return list;
}

bool names_a_key(std::string_view text) {
  static constexpr std::array<std::string_view, 17> kWords = {
      "secret", "key",     "kbd",  "schlüssel", "geheim", "clé", "secrète",    "clave",        "secreta",
      "manual", "manuell", "totp", "otp",       "twofa",  "2fa", "two-factor", "authenticator"};
  return holds_any(text, kWords);
}

bool names_recovery_codes(std::string_view text) {
  static constexpr std::array<std::string_view, 14> kWords = {
      "recovery", "backup",     "back-up", "scratch",      "emergency",    "rescue",   "wiederherstellung",
      "notfall",  "ersatzcode", "secours", "récupération", "recuperación", "respaldo", "emergencia"};
  return holds_any(text, kWords);
}

}  // namespace totpilot::flow::words
