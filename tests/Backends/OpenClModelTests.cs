using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>Whole models on an OpenCL device, and what it does not take on the CPU, against the CPU alone.</summary>
public class OpenClModelTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("blazeface-front", 1)]
    [InlineData("mnist_8.onnx", 1)]
    [InlineData("resnet20_cifar.onnx", 1)]
    [InlineData("ultraface_rfb_320.onnx", 1)]
    [InlineData("yunet_n_320_320.onnx", 1)]
    [InlineData("fastestdet_352.onnx", 1)]
    [InlineData("nanodet_m_320.onnx", 1)]
    [InlineData("yolox_nano_416.onnx", 1)]
    [InlineData("hand_landmark.onnx", 1)]
    [InlineData("selfie_segmentation_landscape.onnx", 1)]
    [InlineData("super_resolution_10.onnx", 1, "input=1x1x224x224")]
    [InlineData("dtln_1.onnx", 0)]
    [InlineData("dtln_2.onnx", 0)]
    [InlineData("gtcrn.onnx", 0)]
    [InlineData("ncf.onnx", 0)]
    public void Agrees_with_the_cpu(string name, double share, string? shape = null) =>
        DeviceModel.Check(name, share, shape, OpenClDrivers.Open(OpenClDrivers.Pocl), output);
}
