using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// The largest pixel of each cell of regions (ONNX MaxRoiPool), channels first: x [N C H W] and regions [R, (picture x1 y1 x2 y2)] give [R C height width].
/// </summary>
internal sealed class MaxRoiPool : Operator
{
    public int Height = 1;
    public int Width = 1;

    /// <summary>What the coordinates of regions are multiplied with.</summary>
    public float SpatialScale = 1;

    public override Tolerance Tolerance => Tolerance.Rounding;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Int("height", ref Height);
        codec.Int("width", ref Width);
        codec.Float("spatial_scale", ref SpatialScale);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 2, 2);
        Shape x = inputs[0].Shape.IsUnranked ? Shape.OfRank(4) : inputs[0].Shape, regions = inputs[1].Shape.IsUnranked ? Shape.OfRank(2) : inputs[1].Shape;
        if (x.Rank != 4 || regions.Rank != 2 || (regions[1] >= 0 && regions[1] != 5)) throw Invalid($"{inputs[1].Type} are no regions of {inputs[0].Type}.");
        if (Height is < 1 or > 1 << 12 || Width is < 1 or > 1 << 12) throw Invalid($"{Height}x{Width} cells cannot be made.");
        return [new TensorType(inputs[0].DataType, regions[0], x[1], Height, Width)];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) => Operators.Cost.Elementwise(inputs, outputs, 16);

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        Shape shape = inputs[0].Shape;
        int channels = shape[1], rows = shape[2], columns = shape[3];
        double[] x = Elements.Read(inputs[0]), regions = Elements.Read(inputs[1]), y = new double[outputs[0].Shape.Count];
        for (int r = 0, at = 0; r < outputs[0].Shape[0]; r++)
        {
            int picture = NormalizeIndex((long)regions[5 * r], shape[0]);
            long left = Scaled(regions[5 * r + 1]), top = Scaled(regions[5 * r + 2]), right = Scaled(regions[5 * r + 3]), bottom = Scaled(regions[5 * r + 4]);
            double cellHeight = Math.Max(bottom - top + 1, 1) / (double)Height, cellWidth = Math.Max(right - left + 1, 1) / (double)Width;
            for (int c = 0; c < channels; c++)
                for (int cell = 0; cell < Height * Width; cell++)
                {
                    (int row, int pastRow) = Range(cell / Width, cellHeight, top, rows);
                    (int column, int pastColumn) = Range(cell % Width, cellWidth, left, columns);
                    double max = row < pastRow && column < pastColumn ? double.NegativeInfinity : 0;
                    for (int i = row; i < pastRow; i++)
                        for (int j = column; j < pastColumn; j++) max = Math.Max(max, x[((picture * channels + c) * rows + i) * columns + j]);
                    y[at++] = max;
                }
        }
        Elements.Write(outputs[0], y);
    }

    private long Scaled(double place) => (long)Math.Clamp(Math.Round(place * SpatialScale, MidpointRounding.AwayFromZero), -1e9, 1e9);

    private static (int First, int Past) Range(int cell, double size, long start, int limit) =>
        ((int)Math.Clamp(Math.Floor(cell * size) + start, 0, limit), (int)Math.Clamp(Math.Ceiling((cell + 1) * size) + start, 0, limit));
}
