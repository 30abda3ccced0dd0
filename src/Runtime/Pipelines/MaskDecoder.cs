using EdgeRuntime.Tensors;

namespace EdgeRuntime.Pipelines;

/// <summary>
/// Models that give a number for each cell of a grid over their input: the probability that it belongs to what is looked for; or, with the parameter softmax, a score for what is behind and one for
/// what is looked for.
/// </summary>
internal sealed class MaskDecoder
{
    /// <summary>The kind that model files name.</summary>
    public const string Kind = "mask";

    private const int MostCells = 1 << 24;

    private readonly Sessions.IModelOutputs outputs;
    private readonly int output, channels;

    /// <summary>Makes it as the model file says.</summary>
    /// <exception cref="Diagnostics.EdgeException">It names another decoder, or an output that is no such grid.</exception>
    public MaskDecoder(DecoderRequest request)
    {
        if (request.Info.Kind != Kind) throw request.Wrong($"is none of masks; '{Kind}' is");
        outputs = request.Outputs;
        output = request.Output("mask");
        TensorType type = outputs.Output(output).Type;
        channels = request.Info.Parameters.ContainsKey("softmax") && request.Number("softmax", 0, 1) != 0 ? 2 : 1;
        Shape shape = type.Shape;
        bool last = shape.IsStatic && shape.Rank == 4 && shape[0] == 1 && shape[3] == channels;
        if (type.DataType != DataType.F32 || !last || shape.Count is 0 or > MostCells)
            throw request.Wrong($"expects 1 x height x width x {channels} floats as 'mask', at most {MostCells:N0}; the output is {type}");
        (Rows, Columns) = (shape[1], shape[2]);
    }

    /// <summary>Cells from left to right.</summary>
    public int Columns { get; }

    /// <summary>Cells from top to bottom.</summary>
    public int Rows { get; }

    /// <summary>Writes the probabilities of the last run, row by row; what is no number is 0.</summary>
    public void Read(Span<float> target)
    {
        ReadOnlySpan<float> cells = outputs.Output(output).Span<float>();
        for (int i = 0; i < target.Length; i++)
        {
            float probability = channels == 1 ? cells[i] : 1 / (1 + MathF.Exp(cells[2 * i] - cells[2 * i + 1]));
            // NaN is neither less nor more.
            target[i] = probability > 0 ? Math.Min(probability, 1) : 0;
        }
    }
}
