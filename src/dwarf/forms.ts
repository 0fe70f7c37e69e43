/** Attribute values by their forms (DWARF 5, section 7.5.6). */
import {
  FORM_ADDR,
  FORM_ADDRX,
  FORM_ADDRX1,
  FORM_ADDRX2,
  FORM_ADDRX3,
  FORM_ADDRX4,
  FORM_BLOCK,
  FORM_BLOCK1,
  FORM_BLOCK2,
  FORM_BLOCK4,
  FORM_DATA1,
  FORM_DATA2,
  FORM_DATA4,
  FORM_DATA8,
  FORM_DATA16,
  FORM_EXPRLOC,
  FORM_FLAG,
  FORM_FLAG_PRESENT,
  FORM_IMPLICIT_CONST,
  FORM_INDIRECT,
  FORM_LINE_STRP,
  FORM_LOCLISTX,
  FORM_REF_ADDR,
  FORM_REF_SIG8,
  FORM_REF_SUP4,
  FORM_REF_SUP8,
  FORM_REF_UDATA,
  FORM_REF1,
  FORM_REF2,
  FORM_REF4,
  FORM_REF8,
  FORM_RNGLISTX,
  FORM_SDATA,
  FORM_SEC_OFFSET,
  FORM_STRING,
  FORM_STRP,
  FORM_STRP_SUP,
  FORM_STRX,
  FORM_STRX1,
  FORM_STRX2,
  FORM_STRX3,
  FORM_STRX4,
  FORM_UDATA,
} from "./constants.ts";
import { type DataReader, DwarfError } from "./data-reader.ts";

/** How a unit is encoded. */
export interface Encoding {
  readonly version: number;
  readonly addressSize: number;
  /** 4 in DWARF32, 8 in DWARF64. */
  readonly offsetSize: number;
}

/** What nearly every module has: WebAssembly with 32-bit memory, in DWARF32. */
const usual: Encoding = { version: 4, addressSize: 4, offsetSize: 4 };

/** Returns the bytes that a value of the form has in any unit of 4-byte addresses and offsets; undefined: they differ. */
export function fixedSize(form: number): number | undefined {
  return sizeOf(form, usual);
}

export function isUsual({ version, addressSize, offsetSize }: Encoding): boolean {
  return version >= 3 && addressSize === usual.addressSize && offsetSize === usual.offsetSize;
}

/** Returns undefined for a form whose values tell their size themselves. */
function sizeOf(form: number, { version, addressSize, offsetSize }: Encoding): number | undefined {
  switch (form) {
    case FORM_FLAG_PRESENT:
    case FORM_IMPLICIT_CONST:
      return 0;
    case FORM_DATA1:
    case FORM_FLAG:
    case FORM_REF1:
    case FORM_STRX1:
    case FORM_ADDRX1:
      return 1;
    case FORM_DATA2:
    case FORM_REF2:
    case FORM_STRX2:
    case FORM_ADDRX2:
      return 2;
    case FORM_STRX3:
    case FORM_ADDRX3:
      return 3;
    case FORM_DATA4:
    case FORM_REF4:
    case FORM_REF_SUP4:
    case FORM_STRX4:
    case FORM_ADDRX4:
      return 4;
    case FORM_DATA8:
    case FORM_REF8:
    case FORM_REF_SIG8:
    case FORM_REF_SUP8:
      return 8;
    case FORM_DATA16:
      return 16;
    case FORM_ADDR:
      return addressSize;
    case FORM_STRP:
    case FORM_LINE_STRP:
    case FORM_STRP_SUP:
    case FORM_SEC_OFFSET:
      return offsetSize;
    case FORM_REF_ADDR:
      return version === 2 ? addressSize : offsetSize;
    default:
      return undefined;
  }
}

/** Reads a value that is a number: a constant, an address, an offset, an index. @throws DwarfError for other forms */
export function readNumber(reader: DataReader, form: number, encoding: Encoding): number {
  switch (form) {
    case FORM_FLAG_PRESENT:
      return 1;
    case FORM_SDATA:
      return reader.sleb();
    case FORM_UDATA:
    case FORM_REF_UDATA:
    case FORM_STRX:
    case FORM_ADDRX:
    case FORM_LOCLISTX:
    case FORM_RNGLISTX:
      return reader.uleb();
    default: {
      const size = sizeOf(form, encoding);
      if (size === undefined) throw new DwarfError(`form 0x${form.toString(16)} is no number`);
      return reader.unsigned(size);
    }
  }
}

/** @throws DwarfError for forms that are unknown: what follows cannot be found */
export function skipValue(reader: DataReader, form: number, encoding: Encoding): void {
  const size = sizeOf(form, encoding);
  if (size !== undefined) {
    reader.skip(size);
    return;
  }
  switch (form) {
    case FORM_SDATA:
    case FORM_UDATA:
    case FORM_REF_UDATA:
    case FORM_STRX:
    case FORM_ADDRX:
    case FORM_LOCLISTX:
    case FORM_RNGLISTX:
      reader.skipLeb();
      return;
    case FORM_STRING:
      reader.string();
      return;
    case FORM_BLOCK:
    case FORM_EXPRLOC:
      reader.skip(reader.uleb());
      return;
    case FORM_BLOCK1:
      reader.skip(reader.u8());
      return;
    case FORM_BLOCK2:
      reader.skip(reader.u16());
      return;
    case FORM_BLOCK4:
      reader.skip(reader.u32());
      return;
    case FORM_INDIRECT:
      skipValue(reader, directForm(reader), encoding);
      return;
    default:
      throw new DwarfError(`unknown form 0x${form.toString(16)}`);
  }
}

/** Reads the form that an indirect value begins with. */
export function directForm(reader: DataReader): number {
  const form = reader.uleb();
  if (form === FORM_INDIRECT || form === FORM_IMPLICIT_CONST) throw new DwarfError("an indirect form is indirect");
  return form;
}
