using EdgeRuntime.Backends.Cpu.Kernels;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>Weights in the order of products, four by four, against one by one.</summary>
public class PanelPackingTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 5, 16)]
    [InlineData(64, 16, 16)]
    [InlineData(67, 31, 32)]
    [InlineData(130, 48, 48)]
    [InlineData(9, 24, 24)]
    [InlineData(200, 2, 2)]
    public unsafe void Elements_are_where_products_read_them(int rows, int columns, int width)
    {
        var random = new Random(rows);
        var source = new float[rows * columns];
        foreach (ref float x in source.AsSpan()) x = random.NextSingle() - 0.5f;
        foreach ((int rowStep, int columnStep) in ((int, int)[])[(1, rows), (columns, 1), (columns, 1)])
            foreach (float scale in (float[])[1, -0.7f])
            {
                var target = new float[rows * width];
                Array.Fill(target, float.NaN);
                fixed (float* from = source, to = target) PanelPacking.Pack(from, rowStep, columnStep, rows, columns, to, width, scale);
                for (int row = 0; row < rows; row++)
                    for (int column = 0; column < width; column++)
                        Assert.Equal(column < columns ? source[row * rowStep + column * columnStep] * scale : 0, target[row * width + column]);
            }
    }

    [Fact]
    public unsafe void Elements_that_are_neighbours_in_no_direction_are_packed_one_by_one()
    {
        float[] source = [.. Enumerable.Range(0, 100).Select(i => (float)i)], target = new float[12];
        fixed (float* from = source, to = target) PanelPacking.Pack(from, 2, 10, 4, 3, to, 3);
        Assert.Equal([0, 10, 20, 2, 12, 22, 4, 14, 24, 6, 16, 26], target);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public unsafe void Four_channels_are_transformed_as_one(int side)
    {
        const int Channels = 4, PlaceStep = 5;
        int places = (side + 2) * (side + 2);
        var random = new Random(side);
        using var memory = new AlignedBuffer(1024 * sizeof(float));
        float* weights = (float*)memory.Data, target = weights + 9 * Channels;
        for (int round = 0; round < 200; round++)
        {
            for (int i = 0; i < 9 * Channels; i++) weights[i] = (random.NextSingle() - 0.5f) * MathF.Pow(10, random.Next(-6, 6));
            WinogradTransform.Weights(weights, Channels, target, PlaceStep, side);
            double[] window = new double[9], result = new double[36];
            for (int c = 0; c < Channels; c++)
            {
                for (int tap = 0; tap < 9; tap++) window[tap] = weights[tap * Channels + c];
                WinogradTransform.Weights(window, result, side);
                for (int place = 0; place < places; place++) Assert.Equal((float)result[place], target[place * PlaceStep + c]);
            }
        }
    }
}
