// The words that tell what a field or a button is for, in the languages apps are most often met in. Matched as parts of labels,
// names, ids and placeholders in lower case.

export const usernameWords = ['username', 'user name', 'user_name', 'userid', 'user id', 'login', 'email', 'e-mail', 'mail', 'account', 'identifier',
  'benutzer', 'anmeldename', 'nutzername', 'utilisateur', 'identifiant', 'courriel', 'usuario', 'correo', 'utente', 'usuário', 'gebruiker',
  'użytkownik', 'пользовател', 'логин', 'почт', 'kullanıcı', 'användar', 'bruger', 'bruker', '用户名', '用戶名', '邮箱', '帳號', '账号', 'ユーザー',
  'メール', '사용자', '아이디', '이메일', 'uživatel'];

export const codeWords = ['one-time', 'one time', 'onetime', 'otp', 'totp', 'mfa', '2fa', 'two-factor', 'two factor', 'twofactor', 'authenticator',
  'authentication code', 'verification', 'passcode', 'security code', 'securitycode', 'auth code', 'authcode', 'auth_code', 'pin code', 'token',
  'einmal', 'bestätigungscode', 'sicherheitscode', 'zwei-faktor', 'verifizierung', 'vérification', 'code de sécurité', 'usage unique',
  'verificación', 'código', 'verifica', 'codice', 'verificação', 'verificatie', 'eenmalig', 'weryfikac', 'jednoraz', 'код', 'одноразов', 'doğrulama',
  'engangs', 'verifiering', '验证码', '驗證碼', '動態碼', '認証コード', '確認コード', 'ワンタイム', '인증', '확인 코드', 'ověřovací'];
/** "code" alone is too common in other fields; it counts where nothing else speaks against it. */
export const weakCodeWords = ['code', 'digit', 'pin', 'kode', 'kod'];
export const otherCodeWords = ['zip', 'postal', 'post code', 'postcode', 'coupon', 'promo', 'gift', 'voucher', 'country', 'area code', 'captcha', 'invite',
  'referral', 'plz', 'postleitzahl', 'gutschein', 'search', 'iban', 'bic'];
export const recoveryWords = ['recovery', 'backup', 'scratch', 'wiederherstellung', 'ersatz', 'secours', 'récupération', 'respaldo', 'recuperación',
  'recupero', 'recuperação', 'herstel', 'zapasow', 'резервн', 'yedek', '备用', '恢复', 'リカバリー', 'バックアップ', '복구'];

export const repeatWords = ['confirm', 'repeat', 'again', 'retype', 're-enter', 'reenter', 'verify', 'wiederhol', 'bestätig', 'confirmer', 'répét', 'confirmar',
  'repetir', 'conferma', 'ripeti', 'herhaal', 'bevestig', 'powtórz', 'potwierd', 'повтор', 'подтверд', 'tekrar', 'upprepa', 'gentag', 'gjenta', '确认', '確認', '확인'];
export const newWords = ['new', 'neu', 'nouveau', 'nueva', 'nuova', 'nova', 'nieuw', 'now', 'нов', 'yeni', 'nytt', 'nyt', '新', '새'];

export const submitWords = ['sign in', 'signin', 'sign-in', 'log in', 'login', 'log on', 'logon', 'continue', 'next', 'verify', 'submit', 'confirm', 'enable', 'activate',
  'turn on', 'done', 'save', 'ok', 'send', 'go', 'finish', 'proceed', 'register', 'disable', 'validate', 'anmelden', 'einloggen', 'weiter', 'bestätigen', 'absenden',
  'aktivieren', 'fertig', 'speichern', 'prüfen', 'überprüfen', 'senden', 'connexion', 'se connecter', 'continuer', 'suivant', 'valider', 'vérifier', 'confirmer', 'activer',
  'envoyer', 'enregistrer', 'iniciar', 'entrar', 'acceder', 'continuar', 'siguiente', 'verificar', 'enviar', 'activar', 'guardar', 'accedi', 'avanti',
  'continua', 'verifica', 'conferma', 'invia', 'attiva', 'salva', 'seguinte', 'próximo', 'ativar', 'salvar', 'inloggen', 'aanmelden', 'volgende', 'doorgaan', 'bevestigen',
  'zaloguj', 'dalej', 'kontynuuj', 'potwierdź', 'wyślij', 'zapisz', 'войти', 'вход', 'далее', 'продолжить', 'подтвердить', 'отправить', 'сохранить', 'giriş', 'devam',
  'ileri', 'doğrula', 'onayla', 'logga in', 'fortsätt', 'log ind', 'logg inn', 'fortsæt', '登录', '登入', '继续', '下一步', '提交', '验证', '确认', 'ログイン', '次へ',
  '続行', '確認', '送信', '로그인', '다음', '계속', '확인', 'přihlásit', 'pokračovat'];

export const notSubmitWords = ['cancel', 'back', 'close', 'dismiss', 'skip', 'not now', 'later', 'show', 'hide', 'reveal', 'toggle', 'forgot', 'reset', 'resend', 'send again',
  'send new', 'copy', 'download', 'print', 'another', 'different', 'other', 'instead', 'try a', 'passkey', 'security key', 'help', 'learn', 'sign up', 'signup', 'create account',
  'with google', 'with github', 'with microsoft', 'with apple', 'with facebook', 'with gitlab', 'with sso', 'single sign', 'sso', 'recovery code', 'backup code', 'menu', 'language',
  'clear', 'edit', 'delete', 'remove', 'generate', 'regenerate', 'abbrechen', 'zurück', 'schließen', 'überspringen', 'später', 'anzeigen', 'verbergen', 'vergessen',
  'kopieren', 'erneut senden', 'andere', 'annuler', 'retour', 'fermer', 'passer', 'afficher', 'masquer', 'oublié', 'copier', 'renvoyer', 'autre', 'cancelar', 'volver', 'atrás', 'cerrar',
  'omitir', 'mostrar', 'ocultar', 'olvid', 'copiar', 'reenviar', 'otro', 'annulla', 'indietro', 'chiudi', 'salta', 'mostra', 'nascondi', 'dimenticat', 'copia', 'altro', 'voltar', 'fechar',
  'pular', 'esquec', 'outro', 'annuleren', 'terug', 'sluiten', 'overslaan', 'tonen', 'vergeten', 'ander', 'anuluj', 'wstecz', 'wróć', 'zamknij', 'pomiń', 'pokaż', 'ukryj', 'отмена', 'назад',
  'закрыть', 'пропустить', 'показать', 'скрыть', 'забыли', 'копировать', 'другой', 'iptal', 'geri', 'kapat', 'göster', 'gizle', 'unuttum', 'avbryt', 'tillbaka', 'annuller', 'tilbage', 'tilbake',
  '取消', '返回', '关闭', '跳过', '显示', '忘记', '复制', 'キャンセル', '戻る', '閉じる', 'スキップ', '表示', '忘れ', 'コピー', '취소', '뒤로', '닫기', '건너뛰기', '보기', '복사'];

export const containsAny = (text: string, words: readonly string[]): boolean => words.some((word) => text.includes(word));

/** Words in Latin letters count only whole where they are short ("ok", "go", "now"): "book" is no "ok". */
export function saysAny(text: string, words: readonly string[]): boolean {
  return words.some((word) => {
    if (word.length > 4 || !/^[a-z]/u.test(word)) return text.includes(word);
    return new RegExp(`(?:^|[^\\p{L}])${word}(?:[^\\p{L}]|$)`, 'u').test(text);
  });
}
