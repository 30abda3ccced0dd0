using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// Regions of pictures, brought to one size by bilinear sampling (ONNX RoiAlign-16), channels last. Inputs: x [N H W C], regions
/// [R, x1 y1 x2 y2], and which picture each is of [R]. Output: [R, height, width, C].
/// </summary>
internal sealed class RoiAlign : Operator
{
    public int Height = 1;
    public int Width = 1;

    /// <summary>Samples of each result along each axis; 0 for as many as pixels are covered.</summary>
    public int Samples;

    /// <summary>What the coordinates of regions are multiplied with.</summary>
    public float SpatialScale = 1;

    /// <summary>Shifts regions by half a pixel, so that they fall on pixel centres.</summary>
    public bool HalfPixel = true;

    /// <summary>Takes the largest weighted neighbour of all samples instead of the mean of samples.</summary>
    public bool Max;

    public override Tolerance Tolerance => Tolerance.Accumulation;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Int("height", ref Height);
        codec.Int("width", ref Width);
        codec.Int("samples", ref Samples);
        codec.Float("spatial_scale", ref SpatialScale);
        codec.Bool("half_pixel", ref HalfPixel);
        codec.Bool("max", ref Max);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 3, 3);
        Shape x = inputs[0].Shape.IsUnranked ? Shape.OfRank(4) : inputs[0].Shape, regions = inputs[1].Shape.IsUnranked ? Shape.OfRank(2) : inputs[1].Shape;
        if (x.Rank != 4 || regions.Rank != 2 || !new Shape(regions[0], 4).Accepts(regions) || !new Shape(regions[0]).Accepts(inputs[2].Shape))
            throw Invalid($"{inputs[1].Type} and {inputs[2].Type} are not regions of {inputs[0].Type}.");
        if (x[1] == 0 || x[2] == 0) throw Invalid($"{inputs[0].Type} has nothing to sample.");
        if (Height is < 1 or > 1 << 12 || Width is < 1 or > 1 << 12 || Samples is < 0 or > 1 << 10) throw Invalid($"{Height}x{Width} with {Samples} samples cannot be made.");
        return [new TensorType(inputs[0].DataType, regions[0], Height, Width, x[3])];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        Operators.Cost.Elementwise(inputs, outputs, 8L * Math.Max(1, Samples * Samples));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        Shape shape = inputs[0].Shape;
        int rows = shape[1], columns = shape[2], channels = shape[3];
        double[] x = Elements.Read(inputs[0]), regions = Elements.Read(inputs[1]), y = new double[outputs[0].Shape.Count];
        long[] pictures = Integers(inputs[2]);
        double shift = HalfPixel ? 0.5 : 0;
        for (int r = 0, at = 0; r < pictures.Length; r++)
        {
            int picture = NormalizeIndex(pictures[r], shape[0]);
            double left = regions[4 * r] * SpatialScale - shift, top = regions[4 * r + 1] * SpatialScale - shift;
            double width = regions[4 * r + 2] * SpatialScale - shift - left, height = regions[4 * r + 3] * SpatialScale - shift - top;
            if (!HalfPixel)
            {
                width = Math.Max(width, 1);
                height = Math.Max(height, 1);
            }
            double binHeight = height / Height, binWidth = width / Width;
            int down = Samples > 0 ? Samples : (int)Math.Clamp(Math.Ceiling(binHeight), 0, rows + 1), across = Samples > 0 ? Samples : (int)Math.Clamp(Math.Ceiling(binWidth), 0, columns + 1);
            for (int h = 0; h < Height; h++)
                for (int w = 0; w < Width; w++)
                    for (int c = 0; c < channels; c++)
                    {
                        double sum = 0, max = double.NegativeInfinity;
                        for (int i = 0; i < down; i++)
                            for (int j = 0; j < across; j++)
                            {
                                double row = top + (h + (i + 0.5) / down) * binHeight, column = left + (w + (j + 0.5) / across) * binWidth;
                                Sample(x.AsSpan(picture * rows * columns * channels), rows, columns, channels, c, row, column, ref sum, ref max);
                            }
                        y[at++] = Max ? (double.IsNegativeInfinity(max) ? 0 : max) : sum / Math.Max(1, down * across);
                    }
        }
        Elements.Write(outputs[0], y);
    }

    private static void Sample(ReadOnlySpan<double> x, int rows, int columns, int channels, int channel, double row, double column, ref double sum, ref double max)
    {
        if (!(row >= -1 && row <= rows && column >= -1 && column <= columns))
        {
            max = Math.Max(max, 0);
            return;
        }
        row = Math.Clamp(row, 0, rows - 1);
        column = Math.Clamp(column, 0, columns - 1);
        int top = (int)row, left = (int)column, bottom = Math.Min(top + 1, rows - 1), right = Math.Min(left + 1, columns - 1);
        double down = row - top, across = column - left;
        double a = (1 - down) * (1 - across) * x[(top * columns + left) * channels + channel], b = (1 - down) * across * x[(top * columns + right) * channels + channel];
        double c = down * (1 - across) * x[(bottom * columns + left) * channels + channel], d = down * across * x[(bottom * columns + right) * channels + channel];
        sum += a + b + c + d;
        max = Math.Max(max, Math.Max(Math.Max(a, b), Math.Max(c, d)));
    }
}
