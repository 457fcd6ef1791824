;;; A real Emacs with eglot and the real server: the diagnostic, the hover, the fix.
;;; ASPM_LSP_SERVER=… SHOP=… emacs -q --batch -l tests/clients/eglot.el
(require 'package)
(package-initialize)
(require 'cl-lib)
(require 'eglot)
(require 'flymake)
(setq eglot-sync-connect 20
      eglot-connect-timeout 30
      eglot-autoshutdown nil
      eglot-confirm-server-initiated-edits nil
      make-backup-files nil
      create-lockfiles nil)
(add-to-list 'eglot-server-programs `(python-mode . (,(getenv "ASPM_LSP_SERVER") "--stdio")))

(defvar passed 0)
(defvar failed 0)

(defmacro it (name &rest body)
  "Runs BODY as the test NAME."
  (declare (indent 1))
  `(condition-case problem
       (progn ,@body (setq passed (1+ passed)) (princ (format "ok - %s\n" ,name)))
     (error (setq failed (1+ failed)) (princ (format "not ok - %s: %S\n" ,name problem)))))

(defun wait-for (what probe)
  "Waits until PROBE gives something, and gives it."
  (let ((end (+ (float-time) 30)) found)
    (while (not (or (setq found (funcall probe)) (> (float-time) end)))
      (accept-process-output nil 0.05))
    (or found (error "Waited in vain for %s" what))))

(defun shown ()
  "The diagnostics, as (line text-under-it words)."
  (mapcar (lambda (one)
            (let ((beg (flymake-diagnostic-beg one)) (end (flymake-diagnostic-end one)))
              (list (line-number-at-pos beg) (buffer-substring-no-properties beg end) (flymake-diagnostic-text one))))
          (sort (flymake-diagnostics) (lambda (a b) (< (flymake-diagnostic-beg a) (flymake-diagnostic-beg b))))))

(find-file (expand-file-name "app.py" (getenv "SHOP")))
(python-mode)

(it "eglot connects"
  (apply #'eglot (eglot--guess-contact))
  (cl-assert (eglot-current-server)))

(it "both findings are shown where they are now"
  (flymake-mode 1)
  (wait-for "two diagnostics" (lambda () (flymake-start) (= 2 (length (flymake-diagnostics)))))
  (let ((one (nth 0 (shown))) (other (nth 1 (shown))))
    (cl-assert (equal 8 (nth 0 one)) t)
    (cl-assert (equal "yaml.load(stream)" (nth 1 one)) t)
    (cl-assert (string-match-p "Use of unsafe yaml load" (nth 2 one)) t)
    (cl-assert (equal 12 (nth 0 other)) t)))

(goto-char (point-min))
(search-forward "yaml.lo")

(it "hover tells the rule"
  (let* ((answer (jsonrpc-request (eglot--current-server-or-lose) :textDocument/hover (eglot--TextDocumentPositionParams)))
         (words (eglot--hover-info (plist-get answer :contents) (plist-get answer :range))))
    (cl-assert (string-match-p "B506" words) t)
    (cl-assert (string-match-p "CWE-20" words) t)))

(it "the tool's fix is offered and does what it says"
  (let* ((actions (eglot-code-actions (point) (point)))
         (fix (seq-find (lambda (one) (plist-get one :edit)) actions)))
    (cl-assert fix t)
    (eglot--apply-workspace-edit (plist-get fix :edit))
    (goto-char (point-min))
    (cl-assert (search-forward "return yaml.safe_load(stream)" nil t) t)))

(it "the fixed finding is gone and the other one stays"
  (eglot--signal-textDocument/didChange)
  (wait-for "one diagnostic" (lambda () (flymake-start) (= 1 (length (flymake-diagnostics)))))
  (cl-assert (equal 12 (nth 0 (car (shown)))) t))

(it "a command runs"
  (let* ((actions (progn (goto-char (point-min)) (search-forward "subprocess.ca") (eglot-code-actions (point) (point))))
         (copy (seq-find (lambda (one) (string-match-p "Markdown" (plist-get one :title))) actions))
         (command (if (stringp (plist-get copy :command)) copy (plist-get copy :command)))
         (answer (eglot-execute-command (eglot-current-server) (intern (plist-get command :command))
                                        (plist-get command :arguments))))
    (cl-assert (string-match-p "B602" (format "%S" answer)) t)))

(it "the server leaves when it is told to"
  (let ((process (jsonrpc--process (eglot-current-server))))
    (eglot-shutdown (eglot-current-server))
    ;; This eglot kills it in the same breath, so its own end is no matter here.
    (wait-for "its end" (lambda () (not (process-live-p process))))))

(set-buffer-modified-p nil)
(princ (format "%d passed, %d failed\n" passed failed))
(kill-emacs (if (= failed 0) 0 1))
