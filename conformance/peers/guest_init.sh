#!/bin/sh
# The first process of a guest: X with a window manager on the screen, and a shell for the test on the second serial
# port. There a line is a command; its answer is what it writes, then byte 4, its exit code and a line end.
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /run/udev
mount -t devpts pts /dev/pts

while read -r module; do insmod "$module"; done </modules/order
/lib/systemd/systemd-udevd --daemon
udevadm trigger --action=add --subsystem-match=input --subsystem-match=drm
udevadm settle

export DISPLAY=:0 HOME=/tmp PATH=/usr/bin:/usr/sbin LC_ALL=C.UTF-8
/usr/lib/xorg/Xorg :0 -noreset -nolisten tcp -config /etc/xorg.conf -logfile /var/log/xorg >/dev/null 2>&1 &
until xset s off -dpms 2>/dev/null; do sleep 0.1; done
openbox --sm-disable >/var/log/openbox 2>&1 &

stty -F /dev/ttyS1 raw -echo
exec 3<>/dev/ttyS1
echo "guest is ready" >/dev/console
while IFS= read -r line <&3; do
  (eval "$line") </dev/null >/run/answer 2>&1
  printf '\004%d\n' $? | cat /run/answer - >&3
done
