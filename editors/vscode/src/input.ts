// What the server asks a person (`aspm/input`): one box after the other, as VS Code does it. Leaving one cancels all.

import * as vscode from "vscode";

export interface InputRequest {
  title: string;
  findings: string[];
  fields: {
    name: string;
    label: string;
    kind: "text" | "date" | "choice" | "tags";
    value?: string;
    choices?: { value: string; label: string }[];
    only_for?: string[];
  }[];
}

/** The fields by name; `null`: cancelled. */
export type InputAnswer = Record<string, string> | null;

export async function fillIn(request: InputRequest): Promise<InputAnswer> {
  const answer: Record<string, string> = {};
  for (const field of request.fields) {
    if (field.only_for?.length && !field.only_for.includes(answer["status"] ?? "")) {
      continue;
    }
    const given =
      field.kind === "choice"
        ? (
            await vscode.window.showQuickPick(
              (field.choices ?? []).map(({ value, label }) => ({ label, value })),
              { title: request.title, placeHolder: field.label, ignoreFocusOut: true },
            )
          )?.value
        : await vscode.window.showInputBox({
            title: request.title,
            prompt: field.label,
            value: field.value ?? "",
            ignoreFocusOut: true,
            validateInput: (text) =>
              field.kind === "date" && text !== "" && !/^\d{4}-\d{2}-\d{2}$/.test(text)
                ? "A day is written as 2027-01-31"
                : undefined,
          });
    if (given === undefined) {
      return null;
    }
    answer[field.name] = given;
  }
  return answer;
}
