/**
 * The few TensorFlow messages that make up a SavedModel, with the field numbers of TensorFlow's own .proto files
 * (graph.proto, node_def.proto, attr_value.proto, tensor.proto, saved_model.proto). Unused fields are left out.
 */

import protobuf from 'protobufjs';

const source = `
syntax = "proto3";
message Dim { int64 size = 1; }
message TensorShape { repeated Dim dim = 2; bool unknown_rank = 3; }
message Tensor { int32 dtype = 1; TensorShape tensor_shape = 2; int32 version_number = 3; bytes tensor_content = 4; }
message ListValue { repeated bytes s = 2; repeated int64 i = 3; repeated float f = 4; repeated bool b = 5; repeated int32 type = 6; }
message AttrValue {
  oneof value { ListValue list = 1; bytes s = 2; int64 i = 3; float f = 4; bool b = 5; int32 type = 6; TensorShape shape = 7; Tensor tensor = 8; }
}
message NodeDef { string name = 1; string op = 2; repeated string input = 3; string device = 4; map<string, AttrValue> attr = 5; }
message VersionDef { int32 producer = 1; int32 min_consumer = 2; }
message GraphDef { repeated NodeDef node = 1; VersionDef versions = 4; }
message MetaInfoDef { repeated string tags = 4; }
message MetaGraphDef { MetaInfoDef meta_info_def = 1; GraphDef graph_def = 2; }
message SavedModel { int64 saved_model_schema_version = 1; repeated MetaGraphDef meta_graphs = 2; }
`;

const { root } = protobuf.parse(source, { keepCase: true });

export interface TensorShapeMessage {
  readonly dim: readonly { readonly size: number }[];
}

export interface AttrValueMessage {
  readonly list?: { readonly [kind: string]: readonly unknown[] };
  readonly s?: Uint8Array;
  readonly i?: number;
  readonly f?: number;
  readonly b?: boolean;
  readonly type?: number;
  readonly shape?: TensorShapeMessage;
  readonly tensor?: {
    readonly dtype: number;
    readonly tensor_shape: TensorShapeMessage;
    readonly tensor_content: Uint8Array;
  };
}

export interface NodeDefMessage {
  readonly name: string;
  readonly op: string;
  /** `node`, `node:output`, or `^node` for a control dependency. */
  readonly input: readonly string[];
  readonly attr: Readonly<Record<string, AttrValueMessage>>;
}

/** Tag under which the graph is saved and loaded. */
export const graphTag = 'serve';
/** Graph version of current TensorFlow; an older one would enable compatibility rules. */
const graphVersion = 1882;

/** Encodes a SavedModel of nodes only, without values of variables. */
export function encodeSavedModel(node: readonly NodeDefMessage[]): Uint8Array {
  const graph = { node, versions: { producer: graphVersion } };
  const model = {
    saved_model_schema_version: 1,
    meta_graphs: [{ meta_info_def: { tags: [graphTag] }, graph_def: graph }],
  };
  const type = root.lookupType('SavedModel');
  return type.encode(type.create(model)).finish();
}
