/** The editors' shapes under the names that this folder uses; generated like those of `shared/types.ts`. */
import type { components } from "../../shared/schema";

type Schemas = components["schemas"];

export type Entry = Schemas["EntryOut"];
export type EntryDraft = Schemas["EntryDraft"];
export type EntryRow = Schemas["EntryRow"];
export type EntryPage = Schemas["EntryPage"];
export type EntryDetail = Schemas["EntryDetail"];
export type Version = Schemas["VersionOut"];
export type AllowedMove = Schemas["AllowedMove"];
export type Status = Version["status"];
export type Diff = Schemas["Diff"];
export type FieldChange = Schemas["FieldChange"];
export type Checked = Schemas["Checked"];
export type Fault = Schemas["FaultOut"];
export type Finding = Schemas["Finding"];
export type Reminders = Schemas["Reminders"];
export type Preview = Schemas["Preview"];

export type Questions = Schemas["Questions"];
export type QuestionGroup = Schemas["QuestionGroup"];
export type Reason = Exclude<keyof QuestionGroup["reasons"], number | symbol>;
export type Traffic = Schemas["Traffic"];
export type DayCount = Schemas["DayCount"];
export type CoverageOut = Schemas["CoverageOut"];
export type References = Schemas["References"];
export type FactRef = Schemas["FactRef"];
