using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>A picture's bytes to a model's input. A tile is a row of the result.</summary>
internal sealed class ImageToTensorKernel : CpuKernel
{
    private readonly TensorView picture, input;
    private readonly PictureSampler sampler;
    private readonly PictureScratch[] scratch;

    private ImageToTensorKernel(CpuBinding binding)
    {
        var op = (ImageToTensor)binding.Operator;
        (picture, input) = (binding.Input(0), binding.Output(0));
        sampler = new PictureSampler(op.Width, op.Height, op.ChannelsFirst, op.BlueFirst, op.Scale, op.Offset, op.Result);
        (int width, int height) = op.Size(picture.Shape);
        (ResampleTaps columns, ResampleTaps rows) = op.Taps(picture.Shape);
        sampler.Prepare(op.Format, width, height, columns, rows);
        scratch = new PictureScratch[binding.Workers];
        for (int i = 0; i < scratch.Length; i++)
        {
            scratch[i] = new PictureScratch();
            scratch[i].Fit(op.Format, width, op.Width);
        }
        Tiles = op.Height;
    }

    public override string Name => "image_to_tensor";

    public override int Tiles { get; }

    /// <summary>The kernel for a step.</summary>
    public static CpuKernel Make(CpuBinding binding) => new ImageToTensorKernel(binding);

    public override void Run(int first, int last, int worker) => sampler.Write(picture.Bytes, first, last, scratch[worker], input.Bytes);
}
