using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Onnx;
using EdgeRuntime.Tools.Onnx.Proto;

namespace EdgeRuntime.Tools.Verification;

/// <summary>One node as an ONNX model that other runtimes can run too, where ONNX has the operator with the same meaning: quantized convolutions and products, conversions to bytes and back, softmax, movement.</summary>
/// <param name="Model">The model.</param>
/// <param name="Inputs">Its inputs.</param>
/// <param name="Outputs">Its outputs.</param>
internal sealed record OnnxForm(ModelProto Model, TensorProto[] Inputs, TensorProto[] Outputs)
{
    private const int Opset = 21, IrVersion = 10;

    /// <summary>The form of a layer with its inputs and outputs; null where ONNX has no such operator.</summary>
    public static OnnxForm? Of(Culprit culprit)
    {
        Node node = culprit.Layer;
        var writer = new Writer(node, culprit.Inputs);
        bool written = node.Operator switch
        {
            Conv { Result.Type: DataType.U8 or DataType.I8, Activation.IsNone: true, Window.AutoPad: AutoPad.Explicit, Window.Ceil: false } conv when node.Input(Conv.Gain) is null => writer.Conv(conv),
            MatMul { Result.Type: DataType.U8 or DataType.I8, Activation.IsNone: true } product when node.Input(MatMul.Bias) is null => writer.Product(product),
            Quantize { BlockSize: 0 } quantize when node.Inputs.Count > 2 => writer.Same("QuantizeLinear", Writer.Int("axis", quantize.Axis)),
            Dequantize { BlockSize: 0 } dequantize when node.Inputs.Count > 2 => writer.Same("DequantizeLinear", Writer.Int("axis", dequantize.Axis)),
            Softmax softmax => writer.Same(softmax.Logarithm ? "LogSoftmax" : "Softmax", Writer.Int("axis", softmax.Axis)),
            Transpose { Permutation.Length: > 0 } transpose => writer.Same("Transpose", Writer.Ints("perm", transpose.Permutation)),
            Concat concat => writer.Same("Concat", Writer.Int("axis", concat.Axis)),
            Gather gather => writer.Same("Gather", Writer.Int("axis", gather.Axis)),
            _ => false,
        };
        return written && MeansTheSame(writer.Model, node) ? new OnnxForm(writer.Model, [.. writer.Fed], [writer.Write(culprit.Outputs[0].View, "y", writer.IsPicture)]) : null;
    }

    /// <summary>True where the converter makes the same operator of it again: what it leaves between conversions to reals and back would test something else.</summary>
    private static bool MeansTheSame(ModelProto model, Node node)
    {
        using EdgeModel read = Converter.Convert(new OnnxModel(model.Clone(), "case", null, "")).Model;
        return read.Graph.Nodes.Any(n => n.Operator.GetType() == node.Operator.GetType() && n.Outputs[0].Type.DataType == node.Outputs[0].Type.DataType);
    }

    /// <summary>Writes one node; tensors of pictures are written with the channels first.</summary>
    private sealed class Writer(Node node, IReadOnlyList<(string Name, Tensor Value)> inputs)
    {
        public ModelProto Model { get; } = NewModel(node.Name);

        public List<TensorProto> Fed { get; } = [];

        public bool IsPicture { get; private set; }

        public static AttributeProto Int(string name, long value) => new() { Name = name, I = value, Type = AttributeProto.Types.AttributeType.Int };

        public static AttributeProto Ints(string name, IEnumerable<int> values)
        {
            var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
            attribute.Ints.Add(values.Select(v => (long)v));
            return attribute;
        }

        /// <summary>The operator with the same operands.</summary>
        public bool Same(string type, params AttributeProto[] attributes)
        {
            if (node.Outputs.Count != 1 || node.Inputs.Any(v => v is null)) return false;
            return Add(type, [.. node.Inputs.Select((v, i) => Operand(v!, $"x{i}"))], attributes);
        }

        public bool Conv(Conv conv)
        {
            IsPicture = true;
            Window window = conv.Window;
            List<string> operands = [Operand(node.Inputs[0]!, "x"), .. Numbers(node.Inputs[0]!.Type, "x"), Operand(node.Inputs[1]!, "w"), .. Numbers(node.Inputs[1]!.Type, "w"), .. Numbers(node.Outputs[0].Type, "y")];
            if (node.Input(Operators.Conv.Bias) is { } bias) operands.Add(Operand(bias, "b"));
            return Add("QLinearConv", operands, Ints("kernel_shape", window.Kernel), Ints("strides", window.Strides), Ints("dilations", window.Dilations), Ints("pads", window.Pads), Int("group", conv.Groups));
        }

        public bool Product(MatMul product)
        {
            if (product.TransposeA || product.TransposeB || product.Scale != 1) return false;
            return Add("QLinearMatMul", [Operand(node.Inputs[0]!, "a"), .. Numbers(node.Inputs[0]!.Type, "a"), Operand(node.Inputs[1]!, "b"), .. Numbers(node.Inputs[1]!.Type, "b"), .. Numbers(node.Outputs[0].Type, "y")]);
        }

        /// <summary>A tensor under a name.</summary>
        public TensorProto Write(TensorView view, string name, bool channelsFirst)
        {
            int rank = view.Shape.Rank;
            if (!channelsFirst || rank < 3) return OnnxTensors.Write(view.As(view.Type with { Quantization = null }), name);
            int[] order = [0, rank - 1, .. Enumerable.Range(1, rank - 2)];
            var moved = new Transpose { Permutation = order };
            TensorType plain = view.Type with { Quantization = null };
            using var result = new Tensor(moved.Infer([new Operand(plain)])[0]);
            moved.Evaluate([view.As(plain)], [result.View]);
            return OnnxTensors.Write(result.View, name);
        }

        private bool Add(string type, IEnumerable<string> operands, params AttributeProto[] attributes)
        {
            var proto = new NodeProto { OpType = type, Name = node.Name };
            proto.Input.Add(operands);
            proto.Output.Add("y");
            proto.Attribute.Add(attributes);
            Model.Graph.Node.Add(proto);
            Shape shape = node.Outputs[0].Type.Shape;
            Model.Graph.Output.Add(Info("y", node.Outputs[0].Type.DataType, IsPicture ? [shape[0], shape[-1], .. shape.Span[1..^1].ToArray()] : shape.Span.ToArray()));
            return true;
        }

        private string Operand(Value value, string name)
        {
            Tensor tensor = value.Constant ?? inputs.First(i => i.Name == value.Name).Value;
            TensorProto proto = Write(tensor.View, name, IsPicture && value.Type.DataType != DataType.I32);
            if (value.Constant is not null) Model.Graph.Initializer.Add(proto);
            else
            {
                Fed.Add(proto);
                Model.Graph.Input.Add(Info(name, tensor.Type.DataType, [.. proto.Dims.Select(d => (int)d)]));
            }
            return name;
        }

        /// <summary>Scale and zero point as operands.</summary>
        private string[] Numbers(TensorType type, string name)
        {
            Quantization quantization = type.Quantization!;
            Shape shape = quantization.Axis < 0 ? new Shape() : new Shape(quantization.Scales.Length);
            using var zeros = new Tensor(new TensorType(type.DataType, shape));
            for (int i = 0; i < quantization.ZeroPoints.Length; i++) zeros.View.Bytes[i] = unchecked((byte)quantization.ZeroPoints[i]);
            Model.Graph.Initializer.Add(OnnxTensors.Write(Tensor.From<float>(shape, quantization.Scales).View, $"{name}_scale"));
            Model.Graph.Initializer.Add(OnnxTensors.Write(zeros.View, $"{name}_zero"));
            return [$"{name}_scale", $"{name}_zero"];
        }

        private static ModelProto NewModel(string name)
        {
            var model = new ModelProto { IrVersion = IrVersion, ProducerName = "edgert", Graph = new GraphProto { Name = name } };
            model.OpsetImport.Add(new OperatorSetIdProto { Version = Opset });
            return model;
        }

        private static ValueInfoProto Info(string name, DataType type, int[] sizes)
        {
            var shape = new TensorShapeProto();
            foreach (int size in sizes) shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = size });
            return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = OnnxTensors.NumberOf(type), Shape = shape } } };
        }
    }
}
