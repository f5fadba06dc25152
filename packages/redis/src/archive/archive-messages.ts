import { defineMessages } from '@holodeck/core/backend';
import type { Say } from '@holodeck/core/backend';

const texts = {
  'archive-not-url': { en: 'The address of the images is not a URL.', zh: '图片存放地址不是 URL。' },
  'archive-scheme': { en: 'The address of the images begins with {scheme}//.', zh: '图片存放地址以 {scheme}// 开头。' },
  'archive-key': { en: 'The address of the images holds a key. Put it into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.', zh: '图片存放地址中含有密钥。请把它放到 AWS_ACCESS_KEY_ID 和 AWS_SECRET_ACCESS_KEY 中。' },
  'archive-bucket': { en: 'The address of the images does not name a bucket.', zh: '图片存放地址中没有存储桶。' },
  'archive-option': { en: 'The address of the images has an unknown option {name}.', zh: '图片存放地址中有未知选项 {name}。' },
  'archive-endpoint': { en: 'The endpoint {endpoint} is not an http or https URL.', zh: 'endpoint {endpoint} 不是 http 或 https 的 URL。' },
  'archive-path-style': { en: 'The option pathStyle must be true or false.', zh: '选项 pathStyle 必须是 true 或 false。' },
  'archive-host': { en: 'The address of the images names a folder of another host.', zh: '图片存放地址指向另一台主机的目录。' },
  'archive-form': {
    en: "Write file:///mnt/pictures for a shared folder, or s3://bucket/prefix?region=eu-central-1 for a bucket, with &endpoint=https://host for services other than Amazon's.",
    zh: '共享目录请写成 file:///mnt/pictures，存储桶请写成 s3://bucket/prefix?region=eu-central-1；不是亚马逊的服务再加 &endpoint=https://host。',
  },
  'archive-packages': {
    en: 'Images in a bucket need Node 24 or newer and the packages flydrive, @aws-sdk/client-s3 and @aws-sdk/s3-request-presigner. Install them beside @holodeck/redis.',
    zh: '把图片存到存储桶需要 Node 24 或更新版本，以及 flydrive、@aws-sdk/client-s3 和 @aws-sdk/s3-request-presigner 这几个包。请把它们与 @holodeck/redis 装在一起。',
  },
  'archive-folder-unusable': { en: 'Images cannot be kept at {location} ({reason}). Check that the folder is there and that this user may write to it. Nothing was sent.', zh: '无法把图片存到 {location}（{reason}）。请检查该目录是否存在、当前用户能否写入。没有发送任何内容。' },
  'archive-bucket-unusable': {
    en: 'Images cannot be kept at {location} ({reason}). Check the bucket and its region or endpoint, and the keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. Nothing was sent.',
    zh: '无法把图片存到 {location}（{reason}）。请检查存储桶及其 region 或 endpoint，以及 AWS_ACCESS_KEY_ID 和 AWS_SECRET_ACCESS_KEY 中的密钥。没有发送任何内容。',
  },
  'archive-unreadable': { en: "The images' place {location} cannot be read ({reason}), so nothing was sent. Check that it is there, and that this machine may read and write it.", zh: '无法读取图片存放处 {location}（{reason}），因此没有发送任何内容。请检查它是否存在、本机能否读写。' },
  'archive-unwritable': {
    en: "The images' place {location} cannot be written ({reason}); the image is in {paths} on the worker. Check that the place is there, and that this machine may read and write it.",
    zh: '无法写入图片存放处 {location}（{reason}）；图片在工作进程所在机器的 {paths}。请检查存放处是否存在、本机能否读写。',
  },
} as const;

/** What is wrong with the place where workers keep images. */
export const say: Say<typeof texts> = defineMessages('redis', texts);
